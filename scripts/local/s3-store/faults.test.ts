import { GetObjectCommand, ListBucketsCommand, PutObjectCommand } from '@aws-sdk/client-s3'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { createTestStores } from './test-store.ts'

let stores: Awaited<ReturnType<typeof createTestStores>>
beforeEach(async () => {
  stores = await createTestStores()
})
afterEach(() => stores.close())

test('a fault with a rate affects exactly the requests that the random source selects', async () => {
  const draws = [0.1, 0.5, 0.19, 0.2]
  const store = await stores.start({ random: () => draws.shift() ?? 1 })
  const client = stores.connect(store.url)
  const attempt = () =>
    client.send(new ListBucketsCommand()).then(
      () => 'ok',
      (error: Error) => error.name,
    )
  store.faults.set({ status: 503, rate: 0.2 })
  const outcomes = [await attempt(), await attempt(), await attempt(), await attempt()]
  expect(outcomes).toEqual(['SlowDown', 'ok', 'SlowDown', 'ok'])
})

test('a fault affects only the operations it names, stores nothing, and ends when cleared', async () => {
  const store = await stores.start()
  const client = stores.connect(store.url)
  const put = new PutObjectCommand({ Bucket: 'photos', Key: 'a', Body: Buffer.alloc(100_000) })
  store.faults.set({ status: 500, operations: ['PutObject'] })
  await expect(client.send(put)).rejects.toMatchObject({ name: 'InternalError', $metadata: { httpStatusCode: 500 } })
  await expect(client.send(new GetObjectCommand({ Bucket: 'photos', Key: 'a' }))).rejects.toMatchObject({
    name: 'NoSuchKey',
  })
  store.faults.clear()
  await client.send(put)
})

test('a delay without a status only delays the request, and does not block closing', async () => {
  const store = await stores.start()
  const client = stores.connect(store.url)
  store.faults.set({ delayMs: 30 })
  const startedMs = performance.now()
  await client.send(new ListBucketsCommand())
  expect(performance.now() - startedMs).toBeGreaterThanOrEqual(29)
  store.faults.set({ delayMs: 3_600_000 })
  const hanging = client.send(new ListBucketsCommand()).catch((error: Error) => error)
  await store.close()
  expect(await hanging).toBeInstanceOf(Error)
})

test.each([{ status: 200 }, { rate: 2 }, { delayMs: -1 }])('the invalid fault %j is refused', async (fault) => {
  const store = await stores.start()
  expect(() => store.faults.set(fault)).toThrow(/^Fault /)
})
