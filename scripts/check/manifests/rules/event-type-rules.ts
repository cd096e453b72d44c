import type { EventType, Trigger } from '../eventing-resources.ts'
import type { Rule } from '../rule.ts'

const kind = 'eventing.knative.dev/EventType'
const rule = (name: string, check: Rule<EventType>['check']): Rule<EventType> => ({ name, kind, check })

/** knative eventing pkg/apis/eventing/v1beta3/eventtype_validation.go. */
const attributesRequired = ['type', 'source', 'specversion', 'id']

export const eventTypeRules: readonly Rule<EventType>[] = [
  rule('event-type-reference', ({ spec }, { resources }) => {
    const { apiVersion, kind, name, namespace } = spec.reference ?? {}
    const found = resources.some(
      (other) =>
        other.apiVersion === apiVersion &&
        other.kind === kind &&
        other.metadata.name === name &&
        other.metadata.namespace === namespace,
    )
    return found ? [] : [`the reference to ${kind} "${name}" in namespace "${namespace}" leads nowhere`]
  }),
  rule('event-type-attributes', ({ spec }) => {
    const names = (spec.attributes ?? []).map(({ name }) => name)
    return [
      ...attributesRequired
        .filter((name) => !names.includes(name))
        .map((name) => `the attribute "${name}" is missing, which the webhook requires`),
      ...names.filter((name) => !/^[a-z0-9]+$/.test(name)).map((name) => `"${name}" is no name of an attribute`),
      ...names
        .filter((name, index) => names.indexOf(name) !== index)
        .map((name) => `the attribute "${name}" is described twice`),
    ]
  }),
  rule('event-type-queue', ({ spec }, { resources }) => {
    const queue = spec.attributes?.find(({ name }) => name === 'queue')?.value
    const triggers = resources.filter(({ kind }) => kind === 'Trigger') as Trigger[]
    const taken = triggers
      .filter((trigger) => trigger.spec.broker === spec.reference?.name)
      .some(({ spec: { filter } }) => filter === undefined || filter.attributes?.queue === queue)
    // The broker drops what no trigger takes.
    return queue !== undefined && taken ? [] : [`no trigger of the broker takes the queue "${queue}"`]
  }),
]
