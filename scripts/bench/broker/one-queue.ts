import { randomBytes, randomUUID } from 'node:crypto'
import { schedCleanupCacheV1 } from '../../../functions/_contracts/events/sched-cleanup-cache.v1.ts'
import { type JsonCloudEvent, toBinaryMessage } from '../../../functions/_lib/events/cloud-event.ts'
import { createEvent } from '../../../functions/_lib/events/event-contract.ts'
import { continueTrace } from '../../../functions/_lib/events/trace.ts'
import type { RunningBroker } from '../../local/broker/broker.ts'
import { type BrokerMessage, encodeAmqp } from '../../local/broker/codec/amqp-codec.ts'
import { decodeHttp } from '../../local/broker/codec/http-codec.ts'
import { startRabbitBroker } from '../../local/broker/rabbit-broker.ts'
import { silentLog } from '../../local/broker/testing/flavour.ts'
import { createNames } from '../../local/broker/topology/names.ts'
import type { TriggerSpec } from '../../local/broker/topology/topology.ts'
import { signaturesOf } from '../../local/platform/environment/local-signatures.ts'
import { eventKeysOf } from '../../local/platform/environment/secrets.ts'
import { type BareQueue, openBareQueue } from './bare-queue.ts'

/** A signing key for this run only. */
export const benchEventKeys = eventKeysOf({ eventKey: randomBytes(32).toString('base64') })
export const benchSignatures = signaturesOf(benchEventKeys)

/** Concurrent deliveries: the weight of `q.ai`, the highest of all queues. */
export const parallelism = 10
const namespace = 'bench'
const uid = 'local'
const brokerName = 'main'

export type OneQueue = {
  bare: BareQueue
  /** Starts our broker, which immediately begins to deliver the waiting events. */
  startBroker: () => Promise<{ address: string; counts: () => Promise<Counts>; close: RunningBroker['close'] }>
}

type Counts = { delivered: number; retried: number; dropped: number }

/** Opens a quorum queue, as in production, with one subscriber; our broker and amqplib alone use it in turns. */
export async function openOneQueue(amqpUrl: string, name: string, subscriber: string): Promise<OneQueue> {
  const names = createNames({ namespace, uid })
  const trigger: TriggerSpec = {
    ...{ name, broker: brokerName, filter: { queue: 'sched', name }, subscriber, parallelism },
    delivery: { retry: 3, timeoutSeconds: 60 },
  }
  const startBroker: OneQueue['startBroker'] = async () => {
    const topology = { brokers: [{ name: brokerName }], triggers: [trigger] }
    const broker = await startRabbitBroker({ amqpUrl, topology, namespace, uid, log: silentLog })
    return {
      address: `${broker.addresses[brokerName]}/`,
      counts: async () => (await broker.stats())[name] as Counts,
      close: broker.close,
    }
  }
  // The first start declares the queue.
  await (await startBroker()).close()
  return {
    bare: await openBareQueue(amqpUrl, names.brokerExchange(brokerName), names.triggerQueue(name)),
    startBroker,
  }
}

/** Creates a command that our functions accept, for the queue of this name. */
export function newEvent(name: string): JsonCloudEvent {
  const event = createEvent(
    schedCleanupCacheV1,
    {
      id: randomUUID(),
      source: '/growbin/bench',
      subject: name,
      time: new Date(),
      traceparent: continueTrace(undefined),
    },
    { dry_run: true },
  )
  return { ...event, extensions: { ...event.extensions, name } }
}

/** The same event as the ingress writes it into the queue. */
export function newMessage(name: string): BrokerMessage {
  const { headers, body } = toBinaryMessage(benchSignatures.sign(newEvent(name)))
  return encodeAmqp(decodeHttp(Object.entries(headers).flat(), Buffer.from(body)))
}
