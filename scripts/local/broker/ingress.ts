import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { keepIdleConnections } from '../../../functions/_lib/process/idle-connections.ts'
import { type CloudEvent, InvalidEventError } from './codec/cloud-event.ts'
import { decodeHttp } from './codec/http-codec.ts'
import type { Log } from './violations.ts'

export type IngressOptions = {
  broker: string
  host: string
  port: number
  /** Publishes an event and returns the status to answer. */
  accept: (event: CloudEvent) => Promise<number>
  log: Log
}

/** Limit of a body; a longer one is answered with 413. RabbitMQ 4 accepts no larger message. */
export const bodySizeBytesMax = 16 * 1024 * 1024

// More than the attributes of an event may have, so that they are refused by name and not by the parser.
const headersSizeBytesMax = 64 * 1024

/** The HTTP side of a broker: POST / with one CloudEvent, and no other path or method. */
export async function startIngress({ broker, host, port, accept, log }: IngressOptions) {
  let draining = false

  async function answerTo(request: IncomingMessage): Promise<Answer> {
    if (request.headers['user-agent']?.startsWith('kube-probe/')) return { status: draining ? 503 : 200 }
    if (request.method !== 'POST') return { status: 405 }
    if (request.url !== '/') return { status: 404 }
    if (draining) return { status: 503 }
    try {
      const body = await readBody(request)
      if (body === undefined) return { status: 413 }
      return { status: await accept(decodeHttp(request.rawHeaders, body)) }
    } catch (error) {
      if (!(error instanceof InvalidEventError)) throw error
      log.warn({ broker, reason: error.message }, 'Refused a request that is not a CloudEvent')
      return { status: 400, text: error.message }
    }
  }

  const server = createServer({ maxHeaderSize: headersSizeBytesMax }, (request, response) => {
    answerTo(request).then(
      (made) => answer(request, response, made),
      (error) => {
        log.error({ broker, reason: String(error) }, 'Ingress failed')
        answer(request, response, { status: 500 })
      },
    )
  })
  keepIdleConnections(server)
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, host, resolve)
  })
  const { port: boundPort } = server.address() as AddressInfo
  return {
    url: `http://${host.includes(':') ? `[${host}]` : host}:${boundPort}`,
    refuse: () => {
      draining = true
    },
    close: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve())
        server.closeIdleConnections()
        setTimeout(() => server.closeAllConnections(), 1_000).unref()
      }),
  }
}

export type Ingress = Awaited<ReturnType<typeof startIngress>>

type Answer = { status: number; text?: string }

function answer(request: IncomingMessage, response: ServerResponse, { status, text = '' }: Answer): void {
  // Unread bytes of a body must not be parsed as the next request.
  if (!request.complete) response.setHeader('connection', 'close')
  const contentType = text === '' ? {} : { 'content-type': 'text/plain; charset=utf-8' }
  response.writeHead(status, { ...contentType, 'content-length': String(Buffer.byteLength(text)) }).end(text)
}

function readBody(request: IncomingMessage): Promise<Buffer | undefined> {
  return new Promise((resolve, reject) => {
    if (Number(request.headers['content-length'] ?? 0) > bodySizeBytesMax) return resolve(undefined)
    const chunks: Buffer[] = []
    let sizeBytes = 0
    request.on('data', (chunk: Buffer) => {
      sizeBytes += chunk.length
      if (sizeBytes > bodySizeBytesMax) {
        request.pause()
        resolve(undefined)
      } else chunks.push(chunk)
    })
    request.on('error', () => undefined)
    request.on('end', () => resolve(chunks.length === 1 ? chunks[0] : Buffer.concat(chunks)))
    request.on('close', () => reject(new InvalidEventError('The body ended before its end.')))
  })
}
