import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, expect, test } from 'vitest'
import { runLoad } from './load.ts'

let server: Server | undefined
afterEach(async () => {
  server?.closeAllConnections()
  await new Promise((resolve) => server?.close(resolve))
})

async function serve(answer: (request: number) => { status: number; body: string }): Promise<number> {
  let requests = 0
  server = createServer((_request, response) => {
    requests += 1
    const { status, body } = answer(requests)
    response.writeHead(status, { 'content-length': body.length }).end(body)
  })
  await new Promise<void>((resolve) => server?.listen(0, '127.0.0.1', resolve))
  return (server.address() as AddressInfo).port
}

const load = (port: number) =>
  runLoad({ port, path: '/', headers: {}, connections: 4, durationMs: 50, bodyBytesMin: 2 })

test('counts answers and measures their latency', async () => {
  const made = await load(await serve(() => ({ status: 200, body: 'ok' })))
  expect(made.requests).toBeGreaterThanOrEqual(4)
  expect(made.requestsPerSecond).toBeGreaterThan(0)
  expect(made.latencyP50Ms).toBeLessThanOrEqual(made.latencyP95Ms)
  expect(made.latencyP95Ms).toBeLessThanOrEqual(made.latencyP99Ms)
})

test('an answer that is not 200 is an error', async () => {
  const port = await serve((request) => ({ status: request === 3 ? 500 : 200, body: 'ok' }))
  await expect(load(port)).rejects.toThrow('status 500')
})

test('a body that is too short is an error', async () => {
  await expect(load(await serve(() => ({ status: 200, body: '' })))).rejects.toThrow('at least 2')
})
