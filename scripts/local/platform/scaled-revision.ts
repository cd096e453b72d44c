import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { FunctionSpec } from '../../../functions/_lib/function-spec.ts'
import { createForwarder } from './forward-request.ts'
import { listenOn } from './free-address.ts'
import type { FunctionProcess } from './function-process.ts'
import type { Revision } from './revision.ts'

export type ScaledRevisionOptions = {
  spec: FunctionSpec
  startProcess: () => Promise<FunctionProcess>
  /** An instance without a request for this long is stopped. */
  idleMs: number
  log: (message: string, fields: object) => void
}

type Instance = { process: FunctionProcess; inFlight: number; idleSinceMs: number }
type Waiting = {
  incoming: IncomingMessage
  outgoing: ServerResponse
  resolve: (instance: Instance | undefined) => void
}

// Knative's soft target for a revision without a hard limit: 100, of which 70 per cent are used.
const softConcurrency = 70
const queueLengthMax = 2_000
const graceMs = 10_000

/**
 * Runs a function as processes that are started on demand, limited in concurrency, and stopped when idle: what the activator,
 * queue-proxy and autoscaler of Knative Serving do, as far as one machine shows it.
 */
export async function startScaledRevision(options: ScaledRevisionOptions): Promise<Revision> {
  const { spec } = options
  const concurrency = spec.scale.concurrency > 0 ? spec.scale.concurrency : softConcurrency
  const hardLimit = spec.scale.concurrency > 0
  const instances = new Set<Instance>()
  const waiting: Waiting[] = []
  const forwarder = createForwarder()
  let starting = 0
  let closing = false

  const freest = () => {
    let best: Instance | undefined
    for (const instance of instances) {
      if (hardLimit && instance.inFlight >= concurrency) continue
      if (!best || instance.inFlight < best.inFlight) best = instance
    }
    return best
  }

  const hand = () => {
    for (let instance = freest(); instance && waiting.length > 0; instance = freest()) {
      instance.inFlight += 1
      waiting.shift()?.resolve(instance)
    }
    scaleUp()
  }

  const scaleUp = () => {
    if (closing) return
    const busy = [...instances].reduce((sum, instance) => sum + instance.inFlight, 0)
    const wanted = Math.min(spec.scale.max, Math.ceil((busy + waiting.length) / concurrency))
    while (instances.size + starting < wanted) {
      starting += 1
      void startInstance()
    }
  }

  const startInstance = async () => {
    const startedMs = performance.now()
    try {
      const process = await options.startProcess()
      const instance = { process, inFlight: 0, idleSinceMs: Date.now() }
      instances.add(instance)
      options.log('instance started', {
        function: spec.name,
        process_id: process.processId,
        start_ms: Math.round(performance.now() - startedMs),
      })
      void process.ended.then(() => {
        instances.delete(instance)
        hand()
      })
    } catch (error) {
      options.log('instance did not start', { function: spec.name, reason: (error as Error).message })
      // Whoever waits gets an answer rather than a hope; the next request tries again.
      if (instances.size === 0) for (const each of waiting.splice(0)) each.resolve(undefined)
    } finally {
      starting -= 1
      hand()
    }
  }

  const acquire = (incoming: IncomingMessage, outgoing: ServerResponse) =>
    new Promise<Instance | undefined>((resolve) => {
      const entry: Waiting = { incoming, outgoing, resolve }
      const leave = (instance: Instance | undefined) => {
        clearTimeout(deadline)
        const place = waiting.indexOf(entry)
        if (place >= 0) waiting.splice(place, 1)
        resolve(instance)
      }
      const deadline = setTimeout(() => leave(undefined), spec.timeoutSeconds * 1000)
      outgoing.once('close', () => {
        if (waiting.includes(entry)) leave(undefined)
      })
      entry.resolve = leave
      waiting.push(entry)
      hand()
    })

  const handle = async (incoming: IncomingMessage, outgoing: ServerResponse) => {
    if (closing || waiting.length >= queueLengthMax) return answer(outgoing, 503, 'pending request queue full')
    const instance = await acquire(incoming, outgoing)
    if (!instance) return answer(outgoing, 504, 'request timeout')
    const answered = await forwarder.forward(incoming, outgoing, {
      port: instance.process.port,
      timeoutMs: spec.timeoutSeconds * 1000,
    })
    instance.inFlight -= 1
    instance.idleSinceMs = Date.now()
    if (!answered) answer(outgoing, 502, 'the function did not answer')
    hand()
  }

  const server = createServer((incoming, outgoing) => void handle(incoming, outgoing))
  server.keepAliveTimeout = 95_000
  const port = await listenOn(server, 0)
  const reaper = setInterval(
    () => {
      for (const instance of instances) {
        if (instance.inFlight > 0 || Date.now() - instance.idleSinceMs < options.idleMs) continue
        instances.delete(instance)
        options.log('instance stopped, idle', { function: spec.name, process_id: instance.process.processId })
        void instance.process.stop(graceMs)
      }
    },
    Math.min(1_000, options.idleMs),
  )

  return {
    name: spec.name,
    port,
    instances: () =>
      [...instances].map(({ process, inFlight }) => ({
        processId: process.processId,
        port: process.port,
        requestsInFlight: inFlight,
      })),
    close: async () => {
      closing = true
      clearInterval(reaper)
      const closed = new Promise((resolve) => server.close(resolve))
      server.closeIdleConnections()
      const deadline = setTimeout(() => server.closeAllConnections(), graceMs)
      await Promise.all([...instances].map((instance) => instance.process.stop(graceMs)))
      server.closeAllConnections()
      await closed
      clearTimeout(deadline)
      forwarder.close()
    },
  }
}

function answer(outgoing: ServerResponse, status: number, text: string): void {
  if (outgoing.headersSent || outgoing.destroyed) return
  outgoing.writeHead(status, { 'content-type': 'text/plain' }).end(text)
}
