import type { BrokerOptions, RunningBroker } from '../broker.ts'
import type { BrokerTopology, DeliverySpec, TriggerSpec } from '../topology/topology.ts'
import type { Log } from '../violations.ts'
import { type AnswerTo, startSubscriber } from './subscriber.ts'

/** Starts one flavour of the broker on queues that no other test uses. */
export type StartFlavour = (topology: BrokerTopology, options: BrokerOptions) => Promise<RunningBroker>

export const silentLog: Log = { info: () => undefined, warn: () => undefined, error: () => undefined }

/** Everything that a test opened, closed in reverse order by `closeAll`. */
export function createBench(start: StartFlavour) {
  const closers: (() => Promise<void>)[] = []
  return {
    async subscriber(answerTo?: AnswerTo) {
      const subscriber = await startSubscriber(answerTo)
      closers.push(subscriber.close)
      return subscriber
    },
    async broker(topology: BrokerTopology, options: BrokerOptions = {}) {
      const broker = await start(topology, { log: silentLog, strict: true, sleep: async () => undefined, ...options })
      closers.push(() => broker.close({ drainMs: 0 }))
      return broker
    },
    async closeAll() {
      for (const close of closers.splice(0).reverse()) await close()
    },
  }
}

export type Bench = ReturnType<typeof createBench>

export function trigger(name: string, subscriber: { url: string }, over: Partial<TriggerSpec> = {}): TriggerSpec {
  return { name, broker: 'main', filter: {}, subscriber: subscriber.url, parallelism: 1, delivery: undefined, ...over }
}

export function delivery(retry: number, sink?: { url: string }, over: Partial<DeliverySpec> = {}): DeliverySpec {
  return {
    retry,
    backoffPolicy: 'exponential',
    backoffDelay: 'PT0.2S',
    ...(sink && { deadLetterSink: { url: sink.url } }),
    ...over,
  }
}
