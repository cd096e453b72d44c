import { createServer, type IncomingMessage, type OutgoingHttpHeaders, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { keepIdleConnections } from '../../../functions/_lib/process/idle-connections.ts'

/** Marks every answer of a simulated service. */
export const SIMULATED_HEADERS = { 'x-simulated': 'growbin' } as const

const BODY_BYTES_MAX = 32 * 1024 * 1024

/** One request with its whole body, and the means to answer it. */
export type Exchange = {
  request: IncomingMessage
  response: ServerResponse
  method: string
  url: URL
  body: Buffer
  /** Aborted when the client disconnects before it has its answer, or when the server closes. */
  signal: AbortSignal
}

export type HttpServer = { origin: string; close: () => Promise<void> }

export type HttpServerOptions = {
  host: string
  port: number
  handle: (exchange: Exchange) => Promise<void>
}

/** Sends a JSON body. A string is sent unchanged, for numbers that JSON.stringify cannot write. */
export function sendJson(
  response: ServerResponse,
  status: number,
  body: object | string,
  headers: OutgoingHttpHeaders = {},
): void {
  const text = typeof body === 'string' ? body : JSON.stringify(body)
  response.writeHead(status, {
    'content-type': 'application/json; charset=utf-8',
    'content-length': Buffer.byteLength(text),
    ...headers,
  })
  response.end(text)
}

/** Sends an HTML page that no browser caches. */
export function sendHtml(response: ServerResponse, status: number, html: string): void {
  response.writeHead(status, { 'content-type': 'text/html; charset=utf-8', 'cache-control': 'no-store' })
  response.end(html)
}

/** Starts an HTTP server that marks every answer as simulated. */
export async function startHttpServer({ host, port, handle }: HttpServerOptions): Promise<HttpServer> {
  const closing = new AbortController()
  const server = createServer((request, response) => {
    serveOne(request, response, handle, closing.signal).catch((error: Error) => {
      if (response.headersSent) response.destroy()
      else sendJson(response, 500, { error: 'simulator_failed', error_description: error.message })
    })
  })
  keepIdleConnections(server)
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, host, resolve)
  })
  const { address, port: boundPort, family } = server.address() as AddressInfo
  const reachable = address === '0.0.0.0' || address === '::' ? '127.0.0.1' : address
  return {
    origin: `http://${family === 'IPv6' && reachable === address ? `[${reachable}]` : reachable}:${boundPort}`,
    close: () =>
      new Promise((resolve) => {
        closing.abort()
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

async function serveOne(
  request: IncomingMessage,
  response: ServerResponse,
  handle: HttpServerOptions['handle'],
  closing: AbortSignal,
): Promise<void> {
  for (const [name, value] of Object.entries(SIMULATED_HEADERS)) response.setHeader(name, value)
  const disconnected = new AbortController()
  const abort = () => disconnected.abort()
  closing.addEventListener('abort', abort, { once: true })
  response.once('close', () => {
    closing.removeEventListener('abort', abort)
    disconnected.abort()
  })
  const body = await readBody(request)
  if (!body) {
    sendJson(response, 413, { error: 'body_too_large', size_bytes_max: BODY_BYTES_MAX }, { connection: 'close' })
    return
  }
  const url = new URL(request.url ?? '/', 'http://simulator.invalid')
  await handle({ request, response, method: request.method ?? 'GET', url, body, signal: disconnected.signal })
}

async function readBody(request: IncomingMessage): Promise<Buffer | undefined> {
  const chunks: Buffer[] = []
  let sizeBytes = 0
  for await (const chunk of request) {
    sizeBytes += chunk.length
    if (sizeBytes > BODY_BYTES_MAX) return undefined
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}
