import { Agent, type IncomingHttpHeaders, type IncomingMessage, request, type ServerResponse } from 'node:http'

// https://www.rfc-editor.org/rfc/rfc9110#section-7.6.1: these belong to one connection and are not passed on.
const hopByHop = new Set([
  'connection',
  'keep-alive',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
])

export type Forwarder = {
  /** Resolves to true when an answer was passed on, whatever it says, and to false when there was none. */
  forward: (incoming: IncomingMessage, outgoing: ServerResponse, target: ForwardTarget) => Promise<boolean>
  close: () => void
}

export type ForwardTarget = { port: number; timeoutMs: number; headers?: Record<string, string> }

/** Passes requests on to a port of this machine over kept-alive connections, body and answer as streams. */
export function createForwarder(): Forwarder {
  const agent = new Agent({ keepAlive: true, maxSockets: Number.POSITIVE_INFINITY })
  return {
    forward: (incoming, outgoing, target) =>
      new Promise((resolve) => {
        const upstream = request(
          {
            agent,
            host: '127.0.0.1',
            port: target.port,
            method: incoming.method,
            path: incoming.url,
            headers: { ...passedOn(incoming.headers), ...target.headers },
          },
          (answer) => {
            outgoing.writeHead(answer.statusCode ?? 502, passedOn(answer.headers))
            answer.pipe(outgoing)
            answer.on('error', () => outgoing.destroy())
            answer.on('aborted', () => outgoing.destroy())
            outgoing.on('close', () => resolve(true))
          },
        )
        const deadline = setTimeout(
          () => upstream.destroy(new Error('The function did not answer in time')),
          target.timeoutMs,
        )
        upstream.on('error', () => resolve(outgoing.headersSent))
        upstream.on('close', () => clearTimeout(deadline))
        // A caller who goes away, such as a closed progress stream, must not leave the function working.
        outgoing.on('close', () => upstream.destroy())
        incoming.pipe(upstream)
      }),
    close: () => agent.destroy(),
  }
}

function passedOn(headers: IncomingHttpHeaders): IncomingHttpHeaders {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !hopByHop.has(name)))
}
