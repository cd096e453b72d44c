import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createTestStores, credentials, region } from '../../../../scripts/local/s3-store/test-store.ts'
import { UnavailableError } from '../../http/errors.ts'
import { createResources, type Resources } from '../../process/resources.ts'
import { type ObjectStore, ObjectTooLargeError, openObjectStore } from './object-store.s3.ts'

const bytes = new TextEncoder().encode('not really a photo')
let resources: Resources
beforeEach(() => {
  resources = createResources()
})
afterEach(() => resources.close())

const open = (endpoint: string, bucket = 'photos', requestTimeoutMs = 5_000): ObjectStore =>
  resources.add(openObjectStore({ bucket, region, endpoint, credentials, requestTimeoutMs }))

async function startStore() {
  const stores = resources.add(await createTestStores())
  return stores.start()
}

async function startServer(listener: RequestListener): Promise<string> {
  const server = createServer(listener)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  resources.add({
    close: async () => {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

describe('an object', () => {
  test('that is missing is undefined', async () => {
    const store = open((await startStore()).url)
    expect(await store.read('none', 10)).toBeUndefined()
    expect(await store.readStart('none', 10)).toBeUndefined()
    expect(await store.exists('none')).toBe(false)
    await store.remove('none')
  })

  test('shows its first bytes, its size and its type', async () => {
    const store = open((await startStore()).url)
    await store.write('a', bytes, 'image/png')
    expect(await store.readStart('a', 3)).toEqual({
      sizeBytes: bytes.byteLength,
      contentType: 'image/png',
      start: bytes.subarray(0, 3),
    })
    expect((await store.readStart('a', 1_000))?.start).toEqual(bytes)
    await store.write('empty', new Uint8Array(), 'image/png')
    expect(await store.readStart('empty', 3)).toMatchObject({ sizeBytes: 0, start: new Uint8Array() })
    await store.remove('a')
    expect(await store.exists('a')).toBe(false)
  })

  test('that is too large is refused before it is read, and one of exactly the size is not', async () => {
    const store = open((await startStore()).url)
    await store.write('a', bytes, 'image/png')
    await expect(store.read('a', bytes.byteLength - 1)).rejects.toThrow(ObjectTooLargeError)
    expect(await store.read('a', bytes.byteLength)).toEqual(bytes)
  })

  test('of unknown length is read no further than the limit', async () => {
    const url = await startServer((_, response) => {
      const writeMore = () => {
        while (response.write(Buffer.alloc(65_536)));
      }
      response.on('drain', writeMore)
      writeMore()
    })
    await expect(open(url).read('endless', 1_000_000)).rejects.toThrow(ObjectTooLargeError)
  })
})

describe('a store', () => {
  const operations: [string, (store: ObjectStore) => Promise<unknown>][] = [
    ['read', (store) => store.read('a', 10)],
    ['readStart', (store) => store.readStart('a', 10)],
    ['exists', (store) => store.exists('a')],
    ['write', (store) => store.write('a', bytes, 'image/png')],
    ['remove', (store) => store.remove('a')],
  ]

  test.each(operations)('that never answers costs the deadline: %s', async (_, operate) => {
    const url = await startServer(() => undefined)
    const startedMs = performance.now()
    await expect(operate(open(url, 'photos', 200))).rejects.toThrow(UnavailableError)
    expect(performance.now() - startedMs).toBeLessThan(2_000)
  })

  test.each(operations.slice(0, 2))('that stops in the middle of a body costs the deadline: %s', async (_, operate) => {
    const url = await startServer((__, response) => {
      response.writeHead(200, { 'content-length': '8' }).write('1234')
    })
    const startedMs = performance.now()
    await expect(operate(open(url, 'photos', 200))).rejects.toThrow(UnavailableError)
    expect(performance.now() - startedMs).toBeLessThan(2_000)
  })

  test.each(operations)('that fails is asked three times and then unavailable: %s', async (_, operate) => {
    let requests = 0
    const url = await startServer((__, response) => {
      requests += 1
      response.writeHead(503).end()
    })
    await expect(operate(open(url))).rejects.toThrow(UnavailableError)
    expect(requests).toBe(3)
  })

  test('without the bucket is unavailable: no photo is called missing for it', async () => {
    const store = open((await startStore()).url, 'elsewhere')
    await expect(store.read('a', 10)).rejects.toThrow(UnavailableError)
    await expect(store.readStart('a', 10)).rejects.toThrow(UnavailableError)
  })

  test('that was never used is closed without loading the SDK', async () => {
    await openObjectStore({ bucket: 'photos', region }).close()
  })
})
