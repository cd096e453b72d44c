import type { BackOff } from './back-off.ts'
import { parseDurationMs } from './duration.ts'
import type { Names } from './names.ts'
import type { BrokerSpec, BrokerTopology, DeliverySpec, SinkAddress, TriggerSpec } from './topology.ts'

/** A queue and its one binding to a headers exchange. */
export type QueuePlan = { name: string; exchange: string; binding: Record<string, string> }

/** One dispatcher: it takes messages from a queue and posts them to a sink. */
export type DispatcherPlan = {
  /** The trigger, or `<name> dead letters`. */
  name: string
  kind: 'trigger' | 'dead_letter'
  broker: string
  queue: string
  sink: SinkAddress
  parallelism: number
  retry: number
  backOff: BackOff
  timeoutMs: number | undefined
  /** Exchange for events that failed for good; empty means that they are lost. */
  deadLetterExchange: string
}

export type Plan = {
  ingresses: { broker: string; exchange: string }[]
  exchanges: string[]
  queues: QueuePlan[]
  dispatchers: DispatcherPlan[]
}

/** Every exchange, queue and dispatcher that the controllers of the RabbitMQ broker would create for a topology. */
export function planTopology(topology: BrokerTopology, names: Names): Plan {
  const plan: Plan = { ingresses: [], exchanges: [], queues: [], dispatchers: [] }
  const brokers = new Map(topology.brokers.map((broker) => [broker.name, broker]))
  for (const broker of topology.brokers) addBroker(plan, broker, names)
  for (const trigger of topology.triggers) addTrigger(plan, trigger, brokers.get(trigger.broker), names)
  return plan
}

function addBroker(plan: Plan, broker: BrokerSpec, names: Names): void {
  const exchange = names.brokerExchange(broker.name)
  plan.ingresses.push({ broker: broker.name, exchange })
  plan.exchanges.push(exchange)
  if (broker.deadLetterSink === undefined) return
  const queue = names.brokerDeadLetterQueue(broker.name)
  const deadLetterExchange = names.brokerDeadLetterExchange(broker.name)
  plan.exchanges.push(deadLetterExchange)
  plan.queues.push({ name: queue, exchange: deadLetterExchange, binding: { 'x-knative-dlq': broker.name } })
  plan.dispatchers.push({
    ...deliveryPlan(broker.delivery),
    name: `${broker.name} dead letters`,
    kind: 'dead_letter',
    broker: broker.name,
    queue,
    sink: broker.deadLetterSink,
    parallelism: 1,
    // The controller does not pass the timeout to the dead letter dispatcher of a broker.
    timeoutMs: undefined,
    deadLetterExchange: '',
  })
}

function addTrigger(plan: Plan, trigger: TriggerSpec, broker: BrokerSpec | undefined, names: Names): void {
  const delivery = deliveryPlan(trigger.delivery ?? broker?.delivery)
  const queue = names.triggerQueue(trigger.name)
  const shared = { ...delivery, broker: trigger.broker, parallelism: trigger.parallelism }
  const binding = { ...trigger.filter, 'x-knative-trigger': trigger.name }
  plan.queues.push({ name: queue, exchange: names.brokerExchange(trigger.broker), binding })
  plan.dispatchers.push({
    ...shared,
    name: trigger.name,
    kind: 'trigger',
    queue,
    sink: { url: trigger.subscriber },
    deadLetterExchange: deadLetterExchangeOf(trigger, names),
  })
  const sink = trigger.delivery?.deadLetterSink
  if (sink === undefined) return
  const deadLetterExchange = names.triggerDeadLetterExchange(trigger.name)
  const deadLetterQueue = names.triggerDeadLetterQueue(trigger.name)
  plan.exchanges.push(deadLetterExchange)
  plan.queues.push({
    name: deadLetterQueue,
    exchange: deadLetterExchange,
    binding: { 'x-knative-trigger': trigger.name },
  })
  plan.dispatchers.push({
    ...shared,
    name: `${trigger.name} dead letters`,
    kind: 'dead_letter',
    queue: deadLetterQueue,
    sink,
    deadLetterExchange: '',
  })
}

/**
 * A trigger with its own delivery loses the sink of its broker. One without always names the dead letter exchange of
 * its broker, even when the broker has no sink and the exchange does not exist.
 */
function deadLetterExchangeOf(trigger: TriggerSpec, names: Names): string {
  if (trigger.delivery === undefined) return names.brokerDeadLetterExchange(trigger.broker)
  return trigger.delivery.deadLetterSink === undefined ? '' : names.triggerDeadLetterExchange(trigger.name)
}

function deliveryPlan(delivery: DeliverySpec | undefined) {
  const backOff: BackOff = {
    policy: delivery?.backoffPolicy ?? 'exponential',
    delayMs: parseDurationMs(delivery?.backoffDelay ?? 'PT0.05S') ?? 50,
  }
  const timeoutMs = delivery?.timeoutSeconds === undefined ? undefined : delivery.timeoutSeconds * 1000
  // Delivery without `retry` means 5 to the controller; no delivery at all means 0.
  return { retry: delivery === undefined ? 0 : (delivery.retry ?? 5), backOff, timeoutMs }
}
