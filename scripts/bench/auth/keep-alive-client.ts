import { Agent, request } from 'node:http'

type ClientRequest = { method: string; path: string; headers?: Record<string, string>; body?: object }

const timeoutMs = 10_000

/** Sends requests on kept-alive connections from this process. Throws for an answer that is not 2xx. */
export function createKeepAliveClient(port: number) {
  const agent = new Agent({ keepAlive: true })
  const send = <Answer>({ method, path, headers, body }: ClientRequest): Promise<Answer> =>
    new Promise((resolve, reject) => {
      const outgoing = request({
        host: '127.0.0.1',
        port,
        method,
        path,
        agent,
        timeout: timeoutMs,
        headers: { ...(body && { 'content-type': 'application/json' }), ...headers },
      })
      outgoing.on('timeout', () => outgoing.destroy(new Error(`"${method} ${path}" was not answered in time`)))
      outgoing.on('error', reject)
      outgoing.on('response', (response) => {
        let text = ''
        response.setEncoding('utf8').on('data', (chunk: string) => {
          text += chunk
        })
        response.on('error', reject)
        response.on('end', () => {
          const { statusCode = 0 } = response
          if (statusCode >= 300) reject(new Error(`"${method} ${path}" answered ${statusCode}, expected 2xx`))
          else resolve(JSON.parse(text) as Answer)
        })
      })
      outgoing.end(body && JSON.stringify(body))
    })
  return { send, close: async () => agent.destroy() }
}

/** Runs `workers` in parallel until `next` returns no more work. Resolves to the number of pieces done. */
export async function runInParallel(workers: number, next: (worker: number) => Promise<boolean>): Promise<number> {
  let done = 0
  await Promise.all(
    Array.from({ length: workers }, async (_, worker) => {
      while (await next(worker)) done += 1
    }),
  )
  return done
}
