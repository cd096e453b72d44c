import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { keepIdleConnections } from '../../../../functions/_lib/process/idle-connections.ts'
import type { DeployedService } from '../../../manifests/read/read-service.ts'
import { createForwarder } from '../http/forward-request.ts'
import { listenOn } from '../http/free-address.ts'
import type { FunctionProcess } from './function-process.ts'
import { type Acquired, createInstancePool, type Instance } from './instance-pool.ts'
import { readBodyStart } from './read-body-start.ts'
import type { Revision } from './revision.ts'
import { wasNeverRead } from './was-never-read.ts'

export type ScaledRevisionOptions = {
  service: Pick<DeployedService, 'name' | 'concurrency' | 'instancesMax' | 'timeoutMs' | 'responseStartTimeoutMs'>
  startProcess: () => Promise<FunctionProcess>
  /** An instance without a request for this long is stopped. */
  idleMs: number
  queueLengthMax?: number
  log: (message: string, fields: object) => void
}

const queueLengthMaxDefault = 2_000
const graceMs = 10_000
// Each time another instance is on its way out; one that never works must not be asked for ever.
const maxAttempts = 3
/** A larger body is passed on as a stream, and only once. */
const repeatedBytesMax = 1_048_576

const refusals = {
  full: { status: 503, text: 'pending request queue full' },
  timed_out: { status: 504, text: 'request timeout' },
  did_not_start: { status: 503, text: 'the function did not start' },
  left: { status: 499, text: '' },
} as const satisfies Record<Exclude<Acquired['kind'], 'acquired'>, { status: number; text: string }>

/**
 * Runs a function as processes that are started on demand, limited in concurrency, and stopped when idle: what the activator,
 * queue-proxy and autoscaler of Knative Serving do, as far as one machine shows it.
 */
export async function startScaledRevision(options: ScaledRevisionOptions): Promise<Revision> {
  const { name, concurrency, instancesMax, timeoutMs, responseStartTimeoutMs } = options.service
  const forwarder = createForwarder()
  const pool = createInstancePool({
    concurrency,
    instancesMax,
    queueLengthMax: options.queueLengthMax ?? queueLengthMaxDefault,
    idleMs: options.idleMs,
    graceMs,
    startProcess: options.startProcess,
    log: (message, fields) => options.log(message, { function: name, ...fields }),
  })

  const handle = async (incoming: IncomingMessage, outgoing: ServerResponse) => {
    const left = new AbortController()
    outgoing.once('close', () => left.abort())
    const body = await readBodyStart(incoming, repeatedBytesMax).catch(() => undefined)
    if (outgoing.destroyed) return
    for (let tried = 1; ; tried += 1) {
      const acquired = await pool.acquire(timeoutMs, left.signal)
      if (acquired.kind !== 'acquired') {
        const { status, text } = refusals[acquired.kind]
        return answer(outgoing, status, text)
      }
      const { instance } = acquired
      const target = { port: instance.process.port, timeoutMs, responseStartTimeoutMs, ...(body && { body }) }
      const outcome = await forwarder.forward(incoming, outgoing, target)
      const canRepeat = outcome === 'unsent' || (outcome === 'reset' && body && (await wasNeverRead(instance.process)))
      // Nothing listens there any more: it drains, or it is dead.
      if (canRepeat) pool.retire(instance)
      pool.release(instance)
      if (outcome === 'answered') return
      if (canRepeat && tried < maxAttempts && !left.signal.aborted) continue
      return answer(outgoing, outcome === 'timed_out' ? 504 : 502, 'the function did not answer')
    }
  }

  const server = createServer((incoming, outgoing) => void handle(incoming, outgoing))
  keepIdleConnections(server)
  server.requestTimeout = 0
  const port = await listenOn(server, 0)

  return {
    name,
    port,
    instances: () => pool.instances().map(describe),
    close: async () => {
      const closed = new Promise((resolve) => server.close(resolve))
      server.closeIdleConnections()
      await pool.close()
      server.closeAllConnections()
      await closed
      forwarder.close()
    },
  }
}

const describe = ({ process, inFlight }: Instance) => ({
  processId: process.processId,
  port: process.port,
  requestsInFlight: inFlight,
})

function answer(outgoing: ServerResponse, status: number, text: string): void {
  if (outgoing.headersSent || outgoing.destroyed) return
  outgoing.writeHead(status, { 'content-type': 'text/plain' }).end(text)
}
