import { randomUUID } from 'node:crypto'
import { pause } from '../../lib/pause.ts'
import { type DecodeDefaults, encodeAmqp } from './codec/amqp-codec.ts'
import { type Counts, createDispatcher } from './dispatch/dispatcher.ts'
import { createPoster } from './dispatch/http-post.ts'
import { createWorkers } from './dispatch/workers.ts'
import { startIngress } from './ingress.ts'
import { startIngresses } from './start-ingresses.ts'
import type { DispatcherPlan, Plan } from './topology/plan.ts'
import type { Delivery, PublishOutcome, Transport } from './transport.ts'
import type { Log, Violation, Violations } from './violations.ts'

/** Counts of one dispatcher. `ready` waits in the queue, `inFlight` is being delivered. */
export type DispatcherStats = Counts & { ready: number; inFlight: number }

export type RunningBroker = {
  /** Ingress URL of every broker, by name. */
  addresses: Record<string, string>
  /** By trigger name; the dispatchers of dead letters are called `<trigger or broker> dead letters`. */
  stats: () => Promise<Record<string, DispatcherStats>>
  /** The events lost, when `strict`. */
  violations: () => Violation[]
  /** Stops taking messages, waits for deliveries in flight (10 s by default), then closes everything. */
  close: (options?: CloseOptions) => Promise<void>
  /**
   * Ends every dispatcher as SIGTERM ends those of the RabbitMQ broker, and starts a successor: requests in flight are
   * cancelled, acknowledged and dead-lettered with -1, and some of those dead letters are lost with the connection.
   */
  rollDispatchers: (options?: CancelOptions) => Promise<void>
}

/** The share, 0 to 1, of dead letters that are lost because the connection closes first; one of 30 by default. */
export type CancelOptions = { lostShare?: number }

export type CloseOptions = {
  drainMs?: number
  /** Does not drain: deliveries in flight end as in `rollDispatchers`. */
  cancel?: CancelOptions
}

/** Options of both flavours. */
export type BrokerOptions = {
  host?: string
  /** Port of each ingress by broker name; any free port when omitted. */
  ports?: Record<string, number>
  log?: Log
  /** Records in `violations()` every event that is lost. */
  strict?: boolean
  /** 0 to 1, for jitter. */
  random?: () => number
  /** Waits for back-off; resolves early when the signal aborts. */
  sleep?: (ms: number, signal: AbortSignal) => Promise<void>
  /** Connections to a subscriber that stay open between deliveries. The RabbitMQ dispatcher keeps two. */
  idleConnectionsMax?: number
  now?: () => Date
  newId?: () => string
}

type RunOptions = BrokerOptions & {
  plan: Plan
  transport: Transport
  violations: Violations
  log: Log
  /** Whether events that arrive while draining would be lost, and so are refused. */
  refuseWhileDraining: boolean
}

// Observed: of some 35 dead letters of terminated RabbitMQ dispatchers, one was lost.
const lostShareDefault = 1 / 30

const statusOf: Record<PublishOutcome, number> = {
  confirmed: 202,
  refused: 500,
  full: 503,
  unavailable: 503,
  timeout: 503,
}

/** Connects ingresses and dispatchers to a transport. */
export async function runBroker(options: RunOptions): Promise<RunningBroker> {
  const { plan, transport, violations, log, host = '127.0.0.1', ports = {}, sleep = pause } = options
  const decodeDefaults: DecodeDefaults = { now: options.now ?? (() => new Date()), newId: options.newId ?? randomUUID }
  const exchanges = new Map(plan.ingresses.map(({ broker, exchange }) => [broker, exchange]))
  const acceptAt = (broker: string) => async (event: Parameters<typeof encodeAmqp>[0]) =>
    statusOf[await transport.publish(exchanges.get(broker) ?? '', encodeAmqp(event))]
  const ingresses = await startIngresses(plan, (broker) => {
    return startIngress({ broker, host, port: ports[broker] ?? 0, accept: acceptAt(broker), log })
  })
  const poster = createPoster(
    options.idleConnectionsMax === undefined ? {} : { idleConnectionsMax: options.idleConnectionsMax },
  )
  const abort = new AbortController()

  let lostShare = 0
  const losesPublish = () => (options.random ?? Math.random)() < lostShare

  const startDispatcher = (plan: DispatcherPlan, earlier?: Counts) => {
    const terminating = new AbortController()
    const sinkUrl = 'url' in plan.sink ? plan.sink.url : (ingresses.get(plan.sink.broker)?.url ?? '')
    const post = poster.to(sinkUrl)
    const acceptReply = acceptAt(plan.broker)
    const dispatcher = createDispatcher({
      ...{
        plan,
        sinkUrl,
        post,
        acceptReply,
        sleep,
        decodeDefaults,
        violations,
        losesPublish,
        ...(earlier && { counts: earlier }),
      },
      signal: abort.signal,
      terminating: terminating.signal,
    })
    const workers = createWorkers<Delivery>(plan.parallelism, async (delivery) => {
      try {
        await dispatcher.dispatch(delivery)
      } catch (error) {
        log.error(
          { dispatcher: plan.name, reason: String(error) },
          'Dispatcher failed; the message stays unacknowledged',
        )
      }
    })
    const stopConsuming = transport.consume({
      queue: plan.queue,
      onDelivery: workers.push,
      onChannelClosed: workers.forgetWaiting,
    })
    return { plan, workers, counts: dispatcher.counts, terminating, stopConsuming }
  }
  const dispatchers = plan.dispatchers.map((each) => startDispatcher(each))
  const cancelAll = ({ lostShare: share = lostShareDefault }: CancelOptions) => {
    lostShare = share
    for (const { workers, terminating } of dispatchers) {
      workers.stop()
      terminating.abort()
    }
  }

  async function roll(cancelOptions: CancelOptions): Promise<void> {
    cancelAll(cancelOptions)
    await Promise.all(
      dispatchers.map(async ({ plan, workers, counts, stopConsuming }, index) => {
        await workers.idle()
        // The messages that it had prefetched are redelivered to its successor.
        await stopConsuming()
        if (closing === undefined) dispatchers[index] = startDispatcher(plan, counts)
      }),
    )
  }

  async function stats(): Promise<Record<string, DispatcherStats>> {
    const entries = dispatchers.map(async ({ plan, workers, counts }) => {
      const ready = (await transport.countReady(plan.queue)) + workers.waiting()
      return [plan.name, { ready, inFlight: workers.running(), ...counts }] as const
    })
    return Object.fromEntries(await Promise.all(entries))
  }

  async function close({ drainMs = 10_000, cancel }: CloseOptions = {}): Promise<void> {
    await rolling
    if (options.refuseWhileDraining) for (const ingress of ingresses.values()) ingress.refuse()
    // Before the consumers are cancelled: a delivery that ends meanwhile must not begin the next one.
    for (const { workers } of dispatchers) workers.stop()
    if (cancel) cancelAll(cancel)
    await transport.stopConsuming()
    const idle = Promise.all(dispatchers.map(({ workers }) => workers.idle()))
    const deadline = new AbortController()
    await Promise.race([idle, pause(drainMs, deadline.signal)])
    deadline.abort()
    abort.abort()
    await idle
    await Promise.all([...ingresses.values()].map((ingress) => ingress.close()))
    await transport.close()
    poster.close()
  }

  let closing: Promise<void> | undefined
  let rolling = Promise.resolve()
  return {
    addresses: Object.fromEntries([...ingresses].map(([broker, ingress]) => [broker, ingress.url])),
    stats,
    violations: violations.list,
    rollDispatchers: (cancelOptions = {}) => {
      rolling = rolling.then(() => (closing === undefined ? roll(cancelOptions) : undefined))
      return rolling
    },
    close: (closeOptions) => {
      closing ??= close(closeOptions)
      return closing
    },
  }
}
