import { connect, type Socket } from 'node:net'
import { quantile } from '../statistics.ts'
import type { Load, LoadOptions } from './load.ts'
import { createAnswerReader } from './read-answers.ts'

/** Runs as a separate process on raw sockets, since reading an answer must cost less than producing it. */
process.once('message', (options: LoadOptions) => {
  generateLoad(options).then(
    (load) => process.send?.(load, () => process.exit(0)),
    (error: Error) => {
      process.stderr.write(error.message)
      process.exit(1)
    },
  )
})

async function generateLoad(options: LoadOptions): Promise<Load> {
  const headers = Object.entries(options.headers).map(([name, value]) => `${name}: ${value}\r\n`)
  const request = Buffer.from(`GET ${options.path} HTTP/1.1\r\nhost: 127.0.0.1\r\n${headers.join('')}\r\n`)
  const latenciesMs: number[] = []
  const bodyLengths = new Set<number>()
  const startedMs = performance.now()
  const endMs = startedMs + options.durationMs
  await Promise.all(
    Array.from({ length: options.connections }, () =>
      keepAsking(options.port, request, endMs, (latencyMs, bodyBytes) => {
        latenciesMs.push(latencyMs)
        bodyLengths.add(bodyBytes)
      }),
    ),
  )
  const seconds = (performance.now() - startedMs) / 1000
  const [bodyBytes = 0, ...others] = bodyLengths
  if (others.length > 0 || bodyBytes < options.bodyBytesMin) {
    throw new Error(
      `Bodies of ${[...bodyLengths].join(', ')} bytes, expected one length of at least ${options.bodyBytesMin}`,
    )
  }
  return {
    requests: latenciesMs.length,
    requestsPerSecond: latenciesMs.length / seconds,
    latencyP50Ms: quantile(latenciesMs, 0.5),
    latencyP95Ms: quantile(latenciesMs, 0.95),
    latencyP99Ms: quantile(latenciesMs, 0.99),
    bodyBytes,
  }
}

/** Uses one connection, and sends the next request when the previous answer is complete. */
function keepAsking(
  port: number,
  request: Buffer,
  endMs: number,
  record: (latencyMs: number, bodyBytes: number) => void,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket: Socket = connect({ port, host: '127.0.0.1', noDelay: true })
    let sentMs = 0
    const send = () => {
      sentMs = performance.now()
      socket.write(request)
    }
    const read = createAnswerReader(({ status, bodyBytes }) => {
      if (status !== 200) return socket.destroy(new Error(`An answer had status ${status}, expected 200`))
      const nowMs = performance.now()
      record(nowMs - sentMs, bodyBytes)
      if (nowMs < endMs) return send()
      socket.destroy()
      return resolve()
    })
    socket.on('connect', send)
    socket.on('data', (chunk) => {
      try {
        read(chunk)
      } catch (error) {
        socket.destroy(error as Error)
      }
    })
    socket.on('error', reject)
    socket.on('end', () => reject(new Error('The server closed a connection')))
  })
}
