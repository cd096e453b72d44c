import { dispatcherPrefetch } from '../../../../functions/_contracts/queues.ts'
import { deadLetterBroker } from '../../../manifests/render/trigger.ts'
import {
  consumerTimeoutSeconds,
  type DeliveryTimes,
  durationSeconds,
  fromZeroSecondsMin,
  longestDeliverySeconds,
  parallelismMin,
} from '../delivery-time.ts'
import { type Delivery, destinationProblems, type Trigger } from '../eventing-resources.ts'
import type { Rule } from '../rule.ts'

const kind = 'eventing.knative.dev/Trigger'
const rule = (name: string, check: Rule<Trigger>['check']): Rule<Trigger> => ({ name, kind, check })

/** What the webhooks refuse, and what the RabbitMQ broker accepts and then does not do. */
export const triggerRules: readonly Rule<Trigger>[] = [
  rule('trigger-broker', ({ metadata, spec }, { resources }) => {
    const found = resources.some(
      (other) =>
        other.kind === 'Broker' &&
        other.metadata.name === spec.broker &&
        other.metadata.namespace === metadata.namespace,
    )
    return found ? [] : [`there is no broker "${spec.broker}" in namespace "${metadata.namespace}"`]
  }),
  rule('trigger-subscriber', (trigger, { resources }) =>
    destinationProblems('the subscriber', trigger.spec.subscriber, trigger, resources),
  ),
  rule('trigger-filter', ({ spec }) => [
    ...(spec.filters === undefined
      ? []
      : ['"filters" is ignored by the RabbitMQ broker: the trigger gets every event; use "filter.attributes"']),
    ...Object.entries(spec.filter?.attributes ?? {}).flatMap(([key, value]) => [
      ...(/^[a-z][a-z0-9]*$/.test(key) ? [] : [`the filter attribute "${key}" is not lower-case letters and digits`]),
      ...(key === 'datacontenttype'
        ? ['a filter on "datacontenttype" never matches: RabbitMQ has it under another name']
        : []),
      ...(typeof value === 'string' && value !== ''
        ? []
        : [`the filter on "${key}" is not a non-empty string, so it never matches`]),
    ]),
  ]),
  rule('trigger-filter-unique', ({ metadata, spec }, { resources }) => {
    const twins = resources.filter(
      (other) =>
        other.kind === 'Trigger' &&
        other.metadata.name !== metadata.name &&
        (other as Trigger).spec.broker === spec.broker &&
        JSON.stringify((other as Trigger).spec.filter ?? {}) === JSON.stringify(spec.filter ?? {}),
    )
    return twins.map((twin) => `trigger "${twin.metadata.name}" has the same filter, so both would get every event`)
  }),
  rule('trigger-delivery', ({ spec }) => deliveryProblems(spec.delivery)),
  rule('trigger-from-zero', ({ spec }) => {
    const times = deliveryTimes(spec.delivery)
    const seconds = times ? longestDeliverySeconds(times) : fromZeroSecondsMin
    return seconds >= fromZeroSecondsMin
      ? []
      : [
          `an event is dead-lettered after ${seconds} s, within which a function at zero may not have started; ` +
            `expected ${fromZeroSecondsMin} s or more of attempts and waits`,
        ]
  }),
  rule('trigger-dead-letter', (trigger, { resources }) => {
    const sink = trigger.spec.delivery?.deadLetterSink
    if (!sink) return ['no deadLetterSink: an event that fails for good is dropped']
    return [
      ...destinationProblems('the dead letter sink', sink, trigger, resources),
      // Only there is the circle wanted: a dead letter that cannot be recorded goes round until it can.
      ...(sink.ref?.name === trigger.spec.broker && trigger.spec.broker !== deadLetterBroker
        ? [`dead letters return to broker "${trigger.spec.broker}" and match this trigger again for ever`]
        : []),
    ]
  }),
  rule('trigger-parallelism', ({ metadata, spec }) => {
    const parallelism = Number(metadata.annotations?.['rabbitmq.eventing.knative.dev/parallelism'] ?? Number.NaN)
    if (!(Number.isInteger(parallelism) && parallelism >= 1 && parallelism <= dispatcherPrefetch)) {
      return [
        `parallelism is ${parallelism}; expected 1 to ${dispatcherPrefetch}, as the dispatcher takes no more events`,
      ]
    }
    const times = deliveryTimes(spec.delivery)
    const needed = times ? parallelismMin(times) : 0
    if (!times || parallelism >= needed) return []
    return [
      `parallelism ${parallelism} is under ${needed}: one event may be held ${longestDeliverySeconds(times)} s ` +
        `(${times.retries + 1} × ${times.timeoutSeconds} s and the waits between), the dispatcher holds 100, and RabbitMQ ` +
        `closes the channel after ${consumerTimeoutSeconds} s; shorten the delivery timeout, retry less, or raise the parallelism`,
    ]
  }),
]

function deliveryProblems(delivery: Delivery | undefined): string[] {
  if (!delivery) return ['no delivery: one attempt, then the dispatcher publishes to an exchange that does not exist']
  const durations = [
    ['backoffDelay', delivery.backoffDelay],
    ['timeout', delivery.timeout],
  ] as const
  return [
    ...(Number.isInteger(delivery.retry) && Number(delivery.retry) >= 0
      ? []
      : ['no retry: the dispatcher makes it 5, Knative 0']),
    ...(['exponential', 'linear'].includes(delivery.backoffPolicy ?? '')
      ? []
      : [`backoffPolicy is "${delivery.backoffPolicy}"`]),
    ...durations
      .filter(([, value]) => !durationSeconds(value ?? ''))
      .map(([name, value]) => `${name} is "${value}"; expected an ISO 8601 duration above zero, such as "PT0.5S"`),
  ]
}

function deliveryTimes(delivery: Delivery = {}): DeliveryTimes | undefined {
  const timeoutSeconds = durationSeconds(delivery.timeout ?? '')
  const backoffSeconds = durationSeconds(delivery.backoffDelay ?? '')
  if (timeoutSeconds === undefined || backoffSeconds === undefined || delivery.retry === undefined) return undefined
  const backoffPolicy = delivery.backoffPolicy === 'linear' ? 'linear' : 'exponential'
  return { retries: delivery.retry, backoffPolicy, backoffSeconds, timeoutSeconds }
}
