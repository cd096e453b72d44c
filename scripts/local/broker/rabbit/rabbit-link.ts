import type { Writable } from 'node:stream'
import { type ChannelModel, connect } from 'amqplib'
import { pause } from '../../../lib/pause.ts'
import { reconnectDelayMs } from '../topology/back-off.ts'
import type { Log } from '../violations.ts'
import { coalesceWrites } from './coalesce-writes.ts'

export type RabbitLinkOptions = {
  url: string
  /** Shown in the list of connections of RabbitMQ. */
  connectionName: string
  random: () => number
  log: Log
  /** Runs on every new connection; when it fails, the connection is closed and made again. */
  onUp: (connection: ChannelModel) => Promise<void>
  onDown: () => void
}

const connectTimeoutMs = 5_000
const heartbeatSeconds = 10

/** One connection to RabbitMQ that is made again, without limit, whenever it is lost. */
export function openRabbitLink({ url, connectionName, random, log, onUp, onDown }: RabbitLinkOptions) {
  const closing = new AbortController()
  let connection: ChannelModel | undefined
  let lastError: unknown
  let settleFirst: () => void = () => undefined
  const firstUp = new Promise<void>((resolve) => {
    settleFirst = resolve
  })

  async function live(): Promise<void> {
    const opened = await connect(withHeartbeat(url), {
      // Without it the last frame of a publish waits for a delayed TCP acknowledgement: 40 ms.
      noDelay: true,
      timeout: connectTimeoutMs,
      clientProperties: { connection_name: connectionName },
    })
    coalesceWrites(socketOf(opened))
    const lost = new Promise<void>((resolve) => opened.once('close', () => resolve()))
    opened.on('error', (error) => {
      lastError = error
    })
    connection = opened
    try {
      if (closing.signal.aborted) return
      // A connection that is lost, or closed here, ends this at once: `onUp` may never resolve then.
      await Promise.race([onUp(opened).then(settleFirst), lost])
      await lost
    } finally {
      connection = undefined
      onDown()
      await opened.close().catch(() => undefined)
    }
  }

  async function run(): Promise<void> {
    for (let failures = 0; !closing.signal.aborted; failures += 1) {
      const startedAt = performance.now()
      try {
        await live()
      } catch (error) {
        lastError = error
      }
      if (closing.signal.aborted) return
      if (performance.now() - startedAt > 10_000) failures = 0
      log.warn({ connection: connectionName, reason: String(lastError) }, 'RabbitMQ is unavailable; connecting again')
      await pause(reconnectDelayMs(failures, random), closing.signal)
    }
  }
  const ended = run()
  return {
    firstUp,
    lastError: () => lastError,
    close: async () => {
      closing.abort()
      await connection?.close().catch(() => undefined)
      await ended
    },
  }
}

/** The types of amqplib do not expose its socket. */
function socketOf({ connection }: ChannelModel): Writable {
  const { stream } = connection as typeof connection & { stream?: Writable }
  if (stream === undefined) throw new Error('amqplib has no socket where it was expected, in "connection.stream"')
  return stream
}

function withHeartbeat(url: string): string {
  const parsed = new URL(url)
  if (!parsed.searchParams.has('heartbeat')) parsed.searchParams.set('heartbeat', String(heartbeatSeconds))
  return parsed.href
}
