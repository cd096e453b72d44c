import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, expect, test } from 'vitest'
import { UnavailableError } from '../../http/errors.ts'
import { createResources } from '../../process/resources.ts'
import { openObjectSweeper } from './object-sweeper.s3.ts'

const resources = createResources()
afterEach(() => resources.close())

const versionsOf: Record<string, string> = {
  'uploads/p/1': `<Version><Key>uploads/p/1</Key><VersionId>v1</VersionId></Version>
    <Version><Key>uploads/p/1-other</Key><VersionId>o1</VersionId></Version>
    <DeleteMarker><Key>uploads/p/1</Key><VersionId>m1</VersionId></DeleteMarker>`,
  'uploads/p/2': '',
}

/** A versioned bucket, and what it is asked to delete. It answers no request when it is `silent`. */
async function startBucket(options: { silent?: boolean; refuses?: boolean } = {}) {
  const deleted: string[][] = []
  const server = createServer(async (request, response) => {
    if (options.silent) return
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk as Buffer)
    const url = new URL(request.url ?? '/', 'http://s3.test')
    const header = '<?xml version="1.0" encoding="UTF-8"?>'
    if (request.method === 'GET') {
      const found = versionsOf[url.searchParams.get('prefix') ?? ''] ?? ''
      response.end(`${header}<ListVersionsResult>${found}</ListVersionsResult>`)
      return
    }
    const asked = [
      ...Buffer.concat(chunks)
        .toString()
        .matchAll(/<Key>(.+?)<\/Key><VersionId>(.+?)<\/VersionId>/g),
    ]
    deleted.push(asked.map(([, key, version]) => `${key} ${version}`))
    const error = '<Error><Key>uploads/p/1</Key><Code>AccessDenied</Code></Error>'
    response.end(`${header}<DeleteResult>${options.refuses ? error : ''}</DeleteResult>`)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  resources.add({
    close: async () => {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  })
  const sweeper = resources.add(
    openObjectSweeper({
      bucket: 'photos',
      region: 'ap-northeast-2',
      endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
      credentials: { accessKeyId: 'TESTKEY', secretAccessKey: 'a-test-secret' },
      requestTimeoutMs: options.silent ? 100 : 5_000,
    }),
  )
  return { sweeper, deleted }
}

test('all versions of an object are deleted, with its delete markers, and no object whose key only begins with its key', async () => {
  const { sweeper, deleted } = await startBucket()
  await sweeper.removeAll(['uploads/p/1', 'uploads/p/2'])
  expect(deleted).toEqual([['uploads/p/1 v1', 'uploads/p/1 m1']])
})

test('missing objects are ignored, and no request deletes them', async () => {
  const { sweeper, deleted } = await startBucket()
  await sweeper.removeAll(['uploads/p/2'])
  await sweeper.removeAll([])
  expect(deleted).toEqual([])
})

test('an object that could not be deleted is unavailable and no success', async () => {
  const { sweeper } = await startBucket({ refuses: true })
  await expect(sweeper.removeAll(['uploads/p/1'])).rejects.toThrow(UnavailableError)
})

test('all objects have one deadline', async () => {
  const { sweeper } = await startBucket({ silent: true })
  const startedMs = performance.now()
  await expect(sweeper.removeAll(Array.from({ length: 100 }, (_, index) => `k${index}`))).rejects.toThrow(
    UnavailableError,
  )
  expect(performance.now() - startedMs).toBeLessThan(2_000)
})
