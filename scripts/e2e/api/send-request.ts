import { Agent, request as httpRequest } from 'node:http'
import type { ApiRequest } from './arbitrary-request.ts'

export type Answer = { status: number; headers: Record<string, string>; body: string }

export type Sender = {
  send: (request: ApiRequest, headers: Record<string, string>) => Promise<Answer>
  close: () => void
}

const timeoutMs = 30_000

/** Sends requests as written: no path is normalised, no header added. A stream is read up to its first event. */
export function createSender(url: string, socketsMax: number): Sender {
  const { hostname: host, port } = new URL(url)
  const agent = new Agent({ keepAlive: true, maxSockets: socketsMax })
  return {
    send: ({ method, target, headers: own, body }, headers) =>
      new Promise((resolve, reject) => {
        const text = body?.toWellFormed()
        const sent = httpRequest(
          {
            agent,
            host,
            port,
            method,
            path: target,
            headers: { ...own, ...headers, ...lengthOf(text) },
            timeout: timeoutMs,
          },
          (response) => {
            const chunks: Buffer[] = []
            const finish = () =>
              resolve({
                status: response.statusCode ?? 0,
                headers: Object.fromEntries(
                  Object.entries(response.headers).map(([name, value]) => [name, String(value)]),
                ),
                body: Buffer.concat(chunks).toString(),
              })
            response.on('data', (chunk: Buffer) => {
              chunks.push(chunk)
              if (!response.headers['content-type']?.startsWith('text/event-stream')) return
              if (!Buffer.concat(chunks).includes('data: ')) return
              finish()
              response.destroy()
            })
            response.on('end', finish)
            response.on('error', reject)
          },
        )
        sent.on('timeout', () => sent.destroy(new Error(`No answer after ${timeoutMs} ms`)))
        sent.on('error', reject)
        sent.end(text)
      }),
    close: () => agent.destroy(),
  }
}

const lengthOf = (text: string | undefined): Record<string, string> =>
  text === undefined ? {} : { 'content-length': String(Buffer.byteLength(text)) }
