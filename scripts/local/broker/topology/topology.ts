import { parseDurationMs } from './duration.ts'

/** Where dead letters go: the ingress of a broker of the same topology, or a URL. */
export type SinkAddress = { broker: string } | { url: string }

/** Delivery of a trigger, or the default of a broker. An omitted `retry` means 5, as in the RabbitMQ broker. */
export type DeliverySpec = {
  /** Attempts after the first. */
  retry?: number
  backoffPolicy?: 'exponential' | 'linear'
  /** ISO 8601 duration; PT0.05S when omitted. */
  backoffDelay?: string
  /** Deadline of one attempt; none when omitted. */
  timeoutSeconds?: number
  deadLetterSink?: SinkAddress
}

export type BrokerSpec = { name: string; deadLetterSink?: SinkAddress; delivery?: Omit<DeliverySpec, 'deadLetterSink'> }

export type TriggerSpec = {
  name: string
  broker: string
  /** Attributes that must equal these strings; empty means every event. */
  filter: Record<string, string>
  /** URL that events are posted to. */
  subscriber: string
  /** Deliveries at once, 1 to 1000. */
  parallelism: number
  /** A trigger with `delivery` but no dead letter sink does not inherit the sink of its broker. */
  delivery: DeliverySpec | undefined
}

export type BrokerTopology = { brokers: BrokerSpec[]; triggers: TriggerSpec[] }

export class TopologyError extends Error {
  override name = 'TopologyError'
}

/** Throws one `TopologyError` that lists every mistake. */
export function checkTopology(topology: BrokerTopology): void {
  const brokers = new Set(topology.brokers.map((broker) => broker.name))
  const problems = [
    ...repeated(topology.brokers).map((name) => `Broker "${name}" is declared more than once.`),
    ...repeated(topology.triggers).map((name) => `Trigger "${name}" is declared more than once.`),
    ...topology.brokers.flatMap((broker) => [
      ...sinkProblems(`broker "${broker.name}"`, broker.deadLetterSink, brokers),
      ...deliveryProblems(`broker "${broker.name}"`, broker.delivery),
    ]),
    ...topology.triggers.flatMap((trigger) => triggerProblems(trigger, brokers)),
  ]
  if (problems.length > 0) throw new TopologyError(problems.join(' '))
}

function triggerProblems(trigger: TriggerSpec, brokers: ReadonlySet<string>): string[] {
  const where = `trigger "${trigger.name}"`
  const problems = [
    ...sinkProblems(where, trigger.delivery?.deadLetterSink, brokers),
    ...deliveryProblems(where, trigger.delivery),
  ]
  if (!brokers.has(trigger.broker)) problems.push(`Broker "${trigger.broker}" of ${where} is not in the topology.`)
  if (!isHttpUrl(trigger.subscriber)) {
    problems.push(`Subscriber "${trigger.subscriber}" of ${where} is not an http or https URL.`)
  }
  if (!Number.isInteger(trigger.parallelism) || trigger.parallelism < 1 || trigger.parallelism > 1000) {
    problems.push(`Parallelism "${trigger.parallelism}" of ${where} is not an integer from 1 to 1000.`)
  }
  for (const key of Object.keys(trigger.filter)) {
    if (!/^[a-z][a-z0-9]*$/.test(key)) {
      problems.push(`Filter key "${key}" of ${where} is not lower-case letters and digits.`)
    }
  }
  return problems
}

function deliveryProblems(where: string, delivery: DeliverySpec | undefined): string[] {
  const problems: string[] = []
  const { retry, backoffDelay, timeoutSeconds } = delivery ?? {}
  if (retry !== undefined && (!Number.isInteger(retry) || retry < 0)) {
    problems.push(`Retry "${retry}" of ${where} is not an integer of 0 or more.`)
  }
  if (backoffDelay !== undefined && parseDurationMs(backoffDelay) === undefined) {
    problems.push(`Back-off delay "${backoffDelay}" of ${where} is not an ISO 8601 duration such as PT0.5S.`)
  }
  if (timeoutSeconds !== undefined && !(timeoutSeconds > 0)) {
    problems.push(`Timeout "${timeoutSeconds}" of ${where} is not a number of seconds above 0.`)
  }
  return problems
}

function sinkProblems(where: string, sink: SinkAddress | undefined, brokers: ReadonlySet<string>): string[] {
  if (sink === undefined) return []
  if ('broker' in sink) {
    return brokers.has(sink.broker) ? [] : [`Dead letter broker "${sink.broker}" of ${where} is not in the topology.`]
  }
  return isHttpUrl(sink.url) ? [] : [`Dead letter URL "${sink.url}" of ${where} is not an http or https URL.`]
}

function repeated(named: readonly { name: string }[]): string[] {
  const names = named.map((each) => each.name)
  return [...new Set(names.filter((name, index) => names.indexOf(name) !== index))]
}

function isHttpUrl(url: string): boolean {
  return /^https?:\/\//.test(url) && URL.canParse(url)
}
