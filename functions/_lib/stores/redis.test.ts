import type { AddressInfo } from 'node:net'
import { createServer, type Socket } from 'node:net'
import { afterEach, expect, test, vi } from 'vitest'
import { startRedisServer } from '../../../scripts/local/servers/redis-server/start-redis-server.ts'
import { UnavailableError } from '../http/errors.ts'
import { createResources, type Resources } from '../process/resources.ts'
import { silentLog as log } from '../testing/silent-log.ts'
import { openRedis } from './redis.redis.ts'

let resources: Resources = createResources()
afterEach(async () => {
  await resources.close()
  resources = createResources()
})

const open = (url: string) => resources.add(openRedis({ url, database: 1, log }))

/** Resolves to how long it took to throw `UnavailableError`. */
async function timeUnavailable(work: () => Promise<unknown>): Promise<number> {
  const startedMs = performance.now()
  await expect(work()).rejects.toThrow(UnavailableError)
  return performance.now() - startedMs
}

test('commands go to the database that was asked for', async () => {
  const server = resources.add(await startRedisServer())
  await open(server.url).use((redis) => redis.set('key', 'progress'))
  const other = resources.add(openRedis({ url: server.url, database: 0, log }))
  expect(await other.use((redis) => redis.get('key'))).toBeNull()
  expect(await open(server.url).use((redis) => redis.get('key'))).toBe('progress')
})

test('while no server listens, each use fails at once', async () => {
  const redis = open('redis://127.0.0.1:1')
  expect(await timeUnavailable(() => redis.use((client) => client.get('key')))).toBeLessThan(1_500)
  expect(await timeUnavailable(() => redis.use((client) => client.get('key')))).toBeLessThan(100)
})

test('an outage is over for the same connection once the server is back', async () => {
  const server = resources.add(await startRedisServer())
  const redis = open(server.url)
  await redis.use((client) => client.set('key', 'kept'))
  await server.faults.down()
  await timeUnavailable(() => redis.use((client) => client.get('key')))
  await server.faults.up()
  await vi.waitFor(async () => expect(await redis.use((client) => client.get('key'))).toBe('kept'), { timeout: 5_000 })
})

test('a server that accepts and never answers takes no longer than the deadlines', async () => {
  const sockets = new Set<Socket>()
  const silent = createServer((socket) => sockets.add(socket.on('error', () => undefined)))
  await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve))
  const redis = open(`redis://127.0.0.1:${(silent.address() as AddressInfo).port}`)
  expect(await timeUnavailable(() => redis.use((client) => client.get('key')))).toBeLessThan(2_500)
  expect(await timeUnavailable(() => redis.use((client) => client.multi().incr('key').exec()))).toBeLessThan(1_500)
  await redis.close()
  for (const socket of sockets) socket.destroy()
  await new Promise((resolve) => silent.close(resolve))
})

test('closing what was never used connects to nothing', async () => {
  await openRedis({ url: 'redis://127.0.0.1:1', database: 3, log }).close()
})
