import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { keepIdleConnections } from '../../../../functions/_lib/process/idle-connections.ts'
import { createForwarder } from '../http/forward-request.ts'
import { listenOn } from '../http/free-address.ts'
import { createApiPages } from './api-pages.ts'
import { pathOf } from './path-of.ts'
import { createRouteTable, type GatewayRoute } from './route-table.ts'

export type GatewayOptions = {
  routes: readonly GatewayRoute[]
  /** Undefined while the function is not ready yet. */
  portOf: (functionName: string) => number | undefined
  port: number
  host?: string
  /** What is not ready yet; `GET /readyz` answers 200 when that is nothing. */
  missing?: () => readonly string[]
  /** What `GET /` tells. */
  describe: () => object
}

export type Gateway = { port: number; close: () => Promise<void> }

/** Path and method to function, as the rules of the ALB do it in the cluster. */
export async function startGateway(options: GatewayOptions): Promise<Gateway> {
  const routes = createRouteTable(options.routes)
  const forwarder = createForwarder()
  const apiPages = createApiPages()
  const server: Server = createServer((incoming, outgoing) => {
    const path = pathOf(incoming.url)
    if (path === undefined) return sendProblem(outgoing, 400, 'invalid_request', 'The request names no path.')
    if (path === '/' && incoming.method === 'GET') return sendJson(outgoing, 200, options.describe())
    if (path === '/readyz' && methodOf(incoming) === 'GET') return answerReadiness(outgoing, options.missing?.() ?? [])
    if (apiPages.answer(incoming, outgoing, path)) return
    const route = routes.find(methodOf(incoming) ?? '', path)
    if (!route) return refuse(outgoing, routes.methodsAt(path))
    const { name, timeoutMs, responseStartTimeoutMs } = route.service
    const functionPort = options.portOf(name)
    if (functionPort === undefined) {
      outgoing.setHeader('retry-after', '1')
      return sendProblem(outgoing, 503, 'starting', 'The function is starting.')
    }
    // As the ALB does it: the address of the peer is appended to what the client may have sent.
    const forwardedFor = [incoming.headers['x-forwarded-for'], incoming.socket.remoteAddress].filter(Boolean).join(', ')
    void forwarder
      .forward(incoming, outgoing, {
        port: functionPort,
        timeoutMs,
        responseStartTimeoutMs,
        headers: { 'x-forwarded-for': forwardedFor, 'x-forwarded-proto': 'http' },
      })
      .then((outcome) => {
        if (outcome === 'timed_out') sendProblem(outgoing, 504, 'function_timeout', 'The function took too long.')
        else if (outcome !== 'answered')
          sendProblem(outgoing, 502, 'function_unreachable', 'The function did not answer.')
      })
  })
  keepIdleConnections(server)
  // The time of each route bounds it; an upload of a photo over a slow link goes to the object store.
  server.requestTimeout = 0
  const port = await listenOn(server, options.port, options.host)
  return {
    port,
    close: async () => {
      const closed = new Promise((resolve) => server.close(resolve))
      server.closeAllConnections()
      await closed
      forwarder.close()
    },
  }
}

/** HEAD is answered by whoever answers GET, and a browser's preflight by whoever would answer what it asks for. */
function methodOf({ method, headers }: IncomingMessage): string | undefined {
  if (method === 'HEAD') return 'GET'
  return method === 'OPTIONS' ? (headers['access-control-request-method'] ?? method) : method
}

function refuse(outgoing: ServerResponse, methods: readonly string[]): void {
  if (methods.length === 0) {
    sendProblem(outgoing, 404, 'not_found', 'No function answers this path.')
    return
  }
  outgoing.setHeader('allow', methods.join(', '))
  sendProblem(outgoing, 405, 'method_not_allowed', 'No function answers this method here.')
}

function answerReadiness(outgoing: ServerResponse, missing: readonly string[]): void {
  outgoing.setHeader('cache-control', 'no-store')
  if (missing.length === 0) {
    sendJson(outgoing, 200, { status: 'ready' })
    return
  }
  outgoing.setHeader('retry-after', '1')
  sendProblem(outgoing, 503, 'starting', `Not ready yet: ${missing.join(', ')}.`, { missing })
}

function sendProblem(
  outgoing: ServerResponse,
  status: number,
  reason: string,
  detail: string,
  more: object = {},
): void {
  if (outgoing.headersSent || outgoing.destroyed) return
  outgoing.writeHead(status, { 'content-type': 'application/problem+json' })
  outgoing.end(
    JSON.stringify({ type: `urn:growbin:problem:${reason}`, title: detail, status, detail, reason, ...more }),
  )
}

function sendJson(outgoing: ServerResponse, status: number, body: object): void {
  outgoing.writeHead(status, { 'content-type': 'application/json' }).end(`${JSON.stringify(body, null, 2)}\n`)
}
