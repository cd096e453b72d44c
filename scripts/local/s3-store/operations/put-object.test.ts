import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { parseRequest } from '../http/parse-request.ts'
import { createPayload } from '../signing/payload.ts'
import { openStorage } from '../storage/open-storage.ts'
import { putObject } from './put-object.ts'

test('an upload whose connection fails after its last byte is not stored', async () => {
  const directory = await mkdtemp(join(tmpdir(), 's3-store-'))
  onTestFinished(() => rm(directory, { recursive: true, force: true }))
  const storage = await openStorage({ directory, newId: () => 'upload-1' })
  await storage.createBucket('photos')
  const request = parseRequest({ method: 'PUT', url: '/photos/a', rawHeaders: ['Content-Length', '4'] })
  const connection = new AbortController()
  async function* readBody(): AsyncGenerator<Buffer> {
    yield Buffer.from('text')
    connection.abort()
  }
  const attempt = putObject.run(
    { storage, region: 'r', now: () => new Date(0), objectSizeBytesMax: 10 },
    {
      request,
      bucketName: 'photos',
      key: 'a',
      readPayload: () => createPayload(request.headers, 'UNSIGNED-PAYLOAD', readBody()),
      signal: connection.signal,
    },
  )
  await expect(attempt).rejects.toThrow('aborted')
  expect(storage.getBucket('photos').find('a')).toBeUndefined()
})
