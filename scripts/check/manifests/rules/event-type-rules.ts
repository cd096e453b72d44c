import type { EventType, Trigger } from '../eventing-resources.ts'
import type { Rule } from '../rule.ts'

const kind = 'eventing.knative.dev/EventType'
const rule = (name: string, check: Rule<EventType>['check']): Rule<EventType> => ({ name, kind, check })

/** What Go writes of a URL without escaping it, which is what the API server stores. */
const unescaped = /^[A-Za-z0-9\-._~!$&'()*+,;=:@/?#%]+$/

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
  rule('event-type-source', ({ spec }) =>
    unescaped.test(spec.source ?? '')
      ? []
      : [`the source is "${spec.source}"; expected only characters that a URL keeps, or every diff shows it escaped`],
  ),
  rule('event-type-queue', ({ metadata, spec }, { resources }) => {
    const queue = metadata.labels?.['growbin.app/queue']
    const triggers = resources.filter(({ kind }) => kind === 'Trigger') as Trigger[]
    const taken = triggers
      .filter((trigger) => trigger.spec.broker === spec.reference?.name)
      .some(({ spec: { filter } }) => filter === undefined || filter.attributes?.queue === queue)
    // The broker drops what no trigger takes.
    return queue !== undefined && taken ? [] : [`no trigger of the broker takes the queue "${queue}"`]
  }),
]
