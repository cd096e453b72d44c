import { request } from 'node:http'

export type Request = { method: string; path: string; headers?: Record<string, string>; body?: string }

const timeoutMs = 10_000

/** Sends one request on a new connection. Resolves to the status once the whole answer is read. */
export function sendRequest(port: number, { method, path, headers, body }: Request): Promise<number> {
  return new Promise((resolve, reject) => {
    const outgoing = request({ host: '127.0.0.1', port, method, path, headers, agent: false, timeout: timeoutMs })
    outgoing.on('timeout', () => outgoing.destroy(new Error(`"${method} ${path}" was not answered in time`)))
    outgoing.on('error', reject)
    outgoing.on('response', (response) => {
      response.resume().on('error', reject)
      response.on('end', () => resolve(response.statusCode as number))
    })
    outgoing.end(body)
  })
}
