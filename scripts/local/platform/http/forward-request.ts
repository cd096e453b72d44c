import { Agent, type IncomingHttpHeaders, type IncomingMessage, request, type ServerResponse } from 'node:http'

// https://www.rfc-editor.org/rfc/rfc9110#section-7.6.1: these belong to one connection and are not passed on.
const hopByHop = [
  'connection',
  'keep-alive',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
] as const

export type ForwardOutcome =
  /** An answer was passed on, whatever it says and however far it got. */
  | 'answered'
  /** No connection was made, and nothing of the request is consumed. */
  | 'unsent'
  /** The connection ended without an answer. */
  | 'reset'
  | 'timed_out'

export type Forwarder = {
  forward: (incoming: IncomingMessage, outgoing: ServerResponse, target: ForwardTarget) => Promise<ForwardOutcome>
  close: () => void
}

export type ForwardTarget = {
  port: number
  /** Of the whole request. */
  timeoutMs: number
  /** Of the first byte of the answer; no less than the whole request has when omitted. */
  responseStartTimeoutMs?: number
  headers?: Record<string, string>
  /** Sent instead of what is left of the incoming body. */
  body?: Buffer
}

/** Passes requests on to a port of this machine over kept-alive connections, body and answer as streams. */
export function createForwarder(): Forwarder {
  const agent = new Agent({ keepAlive: true, maxSockets: Number.POSITIVE_INFINITY })
  return {
    forward: (incoming, outgoing, target) =>
      new Promise((resolve) => {
        let connected = false
        let timedOut = false
        const upstream = request({
          agent,
          host: '127.0.0.1',
          port: target.port,
          method: incoming.method,
          path: incoming.url,
          headers: { ...passedOn(incoming.headers), ...target.headers },
        })
        const giveUp = () => {
          timedOut = true
          upstream.destroy(new Error('The function did not answer in time'))
        }
        const deadline = setTimeout(giveUp, target.timeoutMs)
        const startDeadline = setTimeout(giveUp, target.responseStartTimeoutMs ?? target.timeoutMs)
        const abandon = () => upstream.destroy()
        const conclude = () => {
          clearTimeout(deadline)
          clearTimeout(startDeadline)
          outgoing.off('close', abandon)
          if (outgoing.headersSent) return resolve('answered')
          resolve(timedOut ? 'timed_out' : connected ? 'reset' : 'unsent')
        }
        upstream.on('response', (answer) => {
          clearTimeout(startDeadline)
          outgoing.writeHead(answer.statusCode ?? 502, passedOn(answer.headers))
          // Before the first byte of the body: a progress stream may be silent for long.
          outgoing.flushHeaders()
          answer.pipe(outgoing)
          answer.on('error', () => outgoing.destroy())
          answer.on('aborted', () => outgoing.destroy())
          outgoing.on('close', conclude)
        })
        upstream.on('socket', (socket) => {
          const send = () => {
            connected = true
            if (target.body) upstream.end(target.body.byteLength > 0 ? target.body : undefined)
            else incoming.pipe(upstream)
          }
          // Nothing is read from the caller for a connection that may be refused.
          if (socket.connecting) socket.once('connect', send)
          else send()
        })
        upstream.on('error', () => {
          incoming.unpipe(upstream)
          if (!outgoing.headersSent) conclude()
        })
        upstream.on('close', () => {
          clearTimeout(deadline)
          clearTimeout(startDeadline)
          if (!outgoing.headersSent) conclude()
        })
        // A caller who goes away, such as a closed progress stream, must not leave the function working.
        outgoing.on('close', abandon)
      }),
    close: () => agent.destroy(),
  }
}

function passedOn(headers: IncomingHttpHeaders): IncomingHttpHeaders {
  const named = headers.connection?.split(',').map((name) => name.trim().toLowerCase()) ?? []
  const dropped = new Set<string>([...hopByHop, ...named])
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !dropped.has(name)))
}
