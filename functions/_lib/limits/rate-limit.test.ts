import { afterAll, beforeAll, expect, test } from 'vitest'
import { type RedisServer, startRedisServer } from '../../../scripts/local/servers/redis-server/start-redis-server.ts'
import { createHttpApp } from '../http/http-app.ts'
import { createMetrics } from '../process/metrics.ts'
import { createResources } from '../process/resources.ts'
import { openRedis } from '../stores/redis.redis.ts'
import { silentLog as log } from '../testing/silent-log.ts'
import { createRedisCounter } from './rate-limit.redis.ts'
import { type CountUse, createLocalCounter, rateLimit } from './rate-limit.ts'

const resources = createResources()
let server: RedisServer
beforeAll(async () => {
  server = resources.add(await startRedisServer())
})
afterAll(resources.close)

const openCounter = (local?: CountUse) =>
  createRedisCounter(resources.add(openRedis({ url: server.url, database: 3, log })), local)

function createApp(countUse: CountUse) {
  const app = createHttpApp({ log, metrics: createMetrics('test') })
  const keyOf = (c: { req: { header: (name: string) => string | undefined } }) => c.req.header('x-person') ?? ''
  app.get('/', rateLimit({ countUse, name: 'test-limit', limit: 2, windowSeconds: 60, keyOf }), (c) => c.text('ok'))
  return (person: string) => app.request('/', { headers: { 'x-person': person, 'accept-language': 'en' } })
}

test('each response names the limit and the uses left, and beyond it 429 says when to retry', async () => {
  const ask = createApp(createLocalCounter(() => 0))
  const seen = []
  for (let uses = 0; uses < 3; uses += 1) seen.push(await ask('a'))
  expect(seen.map(({ status }) => status)).toEqual([200, 200, 429])
  expect(seen.map(({ headers }) => headers.get('ratelimit'))).toEqual([
    '"test-limit";r=1;t=60',
    '"test-limit";r=0;t=60',
    '"test-limit";r=0;t=60',
  ])
  for (const { headers } of seen) expect(headers.get('ratelimit-policy')).toBe('"test-limit";q=2;w=60')
  expect(seen[2]?.headers.get('retry-after')).toBe('60')
  expect(await seen[2]?.json()).toMatchObject({
    reason: 'rate_limited',
    detail: 'Too many requests. Try again in 60 s.',
  })
  expect((await ask('b')).status).toBe(200)
})

test('a window ends, and the next one begins with all uses', async () => {
  let nowMs = 0
  const count = createLocalCounter(() => nowMs)
  await count('k', 1, 10)
  nowMs = 9_999
  expect(await count('k', 1, 10)).toEqual({ allowed: false, remaining: 0, resetSeconds: 1 })
  nowMs = 10_000
  expect(await count('k', 1, 10)).toEqual({ allowed: true, remaining: 0, resetSeconds: 10 })
})

test('two processes share one count in Redis', async () => {
  const [first, second] = [openCounter(), openCounter()]
  const decisions = await Promise.all(
    Array.from({ length: 10 }, (_, index) => (index % 2 ? first : second)('shared', 6, 60)),
  )
  expect(decisions.filter(({ allowed }) => allowed)).toHaveLength(6)
  for (const { resetSeconds } of decisions) expect(resetSeconds).toBe(60)
})

test('a window in Redis ends by itself', async () => {
  const redis = resources.add(openRedis({ url: server.url, database: 3, log }))
  await createRedisCounter(redis)('expiring', 6, 60)
  await createRedisCounter(redis)('expiring', 6, 60)
  const ttlMs = await redis.use((client) => client.pttl('limit:expiring'))
  expect(ttlMs).toBeGreaterThan(50_000)
  expect(ttlMs).toBeLessThanOrEqual(60_000)
})

test('while Redis is unavailable, each process enforces the limit by itself', async () => {
  const own = await startRedisServer()
  const redis = openRedis({ url: own.url, database: 3, log })
  const count = createRedisCounter(redis)
  expect((await count('k', 2, 60)).allowed).toBe(true)
  await own.close()
  const decisions = []
  for (let uses = 0; uses < 3; uses += 1) decisions.push((await count('k', 2, 60)).allowed)
  expect(decisions).toEqual([true, true, false])
  await redis.close()
})
