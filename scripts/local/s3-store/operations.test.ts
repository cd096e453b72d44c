import { createHash } from 'node:crypto'
import { readdir, truncate } from 'node:fs/promises'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import {
  CopyObjectCommand,
  CreateBucketCommand,
  DeleteBucketCommand,
  DeleteObjectCommand,
  DeleteObjectsCommand,
  GetObjectAclCommand,
  GetObjectCommand,
  HeadBucketCommand,
  HeadObjectCommand,
  ListBucketsCommand,
  ListObjectsCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  type S3ClientConfig,
} from '@aws-sdk/client-s3'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createTestStores } from './test-store.ts'

let stores: Awaited<ReturnType<typeof createTestStores>>
beforeEach(async () => {
  stores = await createTestStores()
})
afterEach(() => stores.close())

const Bucket = 'photos'
const body = Buffer.from('0123456789')
const md5 = (bytes: Buffer) => `"${createHash('md5').update(bytes).digest('hex')}"`
const sha256 = (bytes: Buffer) => createHash('sha256').update(bytes).digest('base64')
const refusal = (name: string, status: number) =>
  expect.objectContaining({ name, $metadata: expect.objectContaining({ httpStatusCode: status }) })
const checksumChoices: NonNullable<S3ClientConfig['requestChecksumCalculation']>[] = ['WHEN_SUPPORTED', 'WHEN_REQUIRED']

async function open(config?: S3ClientConfig) {
  const store = await stores.start()
  return { store, client: stores.connect(store.url, config) }
}

describe.each(checksumChoices)('with checksums %s', (requestChecksumCalculation) => {
  test('an object is read back with its bytes, headers and metadata', async () => {
    const time = new Date('2026-01-02T03:04:05.678Z')
    const store = await stores.start({ now: () => time })
    const client = stores.connect(store.url, {
      requestChecksumCalculation,
      systemClockOffset: time.getTime() - Date.now(),
    })
    const put = await client.send(
      new PutObjectCommand({
        Bucket,
        Key: 'a',
        Body: body,
        ContentType: 'image/jpeg',
        CacheControl: 'no-store',
        ContentEncoding: 'gzip',
        ContentDisposition: 'attachment',
        Metadata: { owner: 'u1', two: 'words here' },
        ChecksumAlgorithm: 'SHA256',
      }),
    )
    expect(put).toMatchObject({ ETag: md5(body), ChecksumSHA256: sha256(body), ChecksumType: 'FULL_OBJECT' })
    const expected = {
      ContentLength: 10,
      ContentType: 'image/jpeg',
      CacheControl: 'no-store',
      ContentEncoding: 'gzip',
      ContentDisposition: 'attachment',
      Metadata: { owner: 'u1', two: 'words here' },
      ETag: md5(body),
      LastModified: new Date('2026-01-02T03:04:05Z'),
      AcceptRanges: 'bytes',
    }
    const got = await client.send(new GetObjectCommand({ Bucket, Key: 'a' }))
    expect(got).toMatchObject({ ...expected, ChecksumSHA256: sha256(body) })
    expect(await got.Body?.transformToString()).toBe('0123456789')
    expect(await client.send(new HeadObjectCommand({ Bucket, Key: 'a' }))).toMatchObject(expected)
    expect(got.$metadata.requestId).toMatch(/\S/)
  })

  test('a streamed object of several megabytes and an empty one are read back completely', async () => {
    const { client } = await open({ requestChecksumCalculation })
    const large = Buffer.alloc(3_000_001, 'growbin')
    const pieces = [large.subarray(0, 70_000), large.subarray(70_000, 70_001), large.subarray(70_001)]
    const stream = Readable.from(pieces, { objectMode: false })
    await client.send(
      new PutObjectCommand({ Bucket, Key: 'large', Body: stream, ContentLength: large.length, ContentType: 'a/b' }),
    )
    await client.send(new PutObjectCommand({ Bucket, Key: 'empty', Body: Buffer.alloc(0) }))
    const got = await client.send(new GetObjectCommand({ Bucket, Key: 'large' }))
    expect(got).toMatchObject({ ETag: md5(large), ContentType: 'a/b' })
    expect(got.ContentEncoding).toBeUndefined()
    expect(Buffer.from((await got.Body?.transformToByteArray()) ?? []).equals(large)).toBe(true)
    const empty = await client.send(new GetObjectCommand({ Bucket, Key: 'empty' }))
    expect(await empty.Body?.transformToString()).toBe('')
    await client.send(new CopyObjectCommand({ Bucket, Key: 'empty2', CopySource: 'photos/empty' }))
    expect((await client.send(new HeadObjectCommand({ Bucket, Key: 'empty2' }))).ContentLength).toBe(0)
  })

  test('objects are deleted one by one and in batches, missing ones too', async () => {
    const { client } = await open({ requestChecksumCalculation })
    for (const Key of ['a', 'b <&>"\r\n', 'c']) await client.send(new PutObjectCommand({ Bucket, Key, Body: body }))
    await client.send(new DeleteObjectCommand({ Bucket, Key: 'a' }))
    const Objects = [{ Key: 'b <&>"\r\n' }, { Key: 'missing' }]
    const { Deleted, Errors } = await client.send(new DeleteObjectsCommand({ Bucket, Delete: { Objects } }))
    expect({ Deleted, Errors }).toEqual({ Deleted: Objects, Errors: undefined })
    const quiet = { Objects: [{ Key: 'x' }], Quiet: true }
    expect((await client.send(new DeleteObjectsCommand({ Bucket, Delete: quiet }))).Deleted).toBeUndefined()
    const { Contents } = await client.send(new ListObjectsV2Command({ Bucket }))
    expect(Contents?.map(({ Key }) => Key)).toEqual(['c'])
  })
})

test('buckets are created, listed and found', async () => {
  const { client } = await open()
  await client.send(
    new CreateBucketCommand({ Bucket: 'second', CreateBucketConfiguration: { LocationConstraint: 'ap-northeast-2' } }),
  )
  expect((await client.send(new ListBucketsCommand())).Buckets).toEqual([
    { Name: 'photos', CreationDate: expect.any(Date) },
    { Name: 'second', CreationDate: expect.any(Date) },
  ])
  expect(await client.send(new HeadBucketCommand({ Bucket: 'second' }))).toMatchObject({
    BucketRegion: 'ap-northeast-2',
  })
  const again = client.send(
    new CreateBucketCommand({ Bucket: 'second', CreateBucketConfiguration: { LocationConstraint: 'ap-northeast-2' } }),
  )
  await expect(again).rejects.toThrow(refusal('BucketAlreadyOwnedByYou', 409))
  const elsewhere = client.send(
    new CreateBucketCommand({ Bucket: 'third', CreateBucketConfiguration: { LocationConstraint: 'eu-west-1' } }),
  )
  await expect(elsewhere).rejects.toThrow(refusal('IllegalLocationConstraintException', 400))
  await expect(client.send(new CreateBucketCommand({ Bucket: 'a..b' }))).rejects.toThrow(
    refusal('InvalidBucketName', 400),
  )
})

test('keys of any characters stay distinct, and never leave the directory', async () => {
  const { client } = await open()
  const keys = ['../../up', 'a//b', 'a/b', 'a/b/', '한글/사진 1.jpg', "!'()*~+%2F%20?&=#", '😀', '\uffee', 'A', 'a/./c']
  for (const Key of keys) await client.send(new PutObjectCommand({ Bucket, Key, Body: Key }))
  for (const Key of keys) {
    const got = await client.send(new GetObjectCommand({ Bucket, Key }))
    expect(await got.Body?.transformToString()).toBe(Key)
  }
  const { Contents } = await client.send(new ListObjectsV2Command({ Bucket }))
  const sorted = keys.toSorted((left, right) => Buffer.compare(Buffer.from(left), Buffer.from(right)))
  expect(Contents?.map(({ Key }) => Key)).toEqual(sorted)
  const inUrlEncoding = await client.send(new ListObjectsV2Command({ Bucket, EncodingType: 'url', Prefix: '한' }))
  expect(inUrlEncoding.Contents?.[0]?.Key).toBe('%ED%95%9C%EA%B8%80/%EC%82%AC%EC%A7%84%201.jpg')
  await expect(client.send(new PutObjectCommand({ Bucket, Key: '가'.repeat(342), Body: body }))).rejects.toThrow(
    refusal('KeyTooLongError', 400),
  )
})

test('a listing read page by page contains every key and common prefix once', async () => {
  const { client } = await open()
  const keys = ['a', 'b/1', 'b/2', 'b0', 'c/1', 'c/2', 'd']
  for (const Key of keys) await client.send(new PutObjectCommand({ Bucket, Key, Body: Key }))
  for (const MaxKeys of [1, 2, 3, 5, 1000]) {
    const seen: (string | undefined)[] = []
    let ContinuationToken: string | undefined
    do {
      const page = await client.send(new ListObjectsV2Command({ Bucket, MaxKeys, Delimiter: '/', ContinuationToken }))
      expect(page.KeyCount).toBeLessThanOrEqual(MaxKeys)
      seen.push(...(page.Contents ?? []).map(({ Key }) => Key))
      seen.push(...(page.CommonPrefixes ?? []).map(({ Prefix }) => Prefix))
      expect(page.IsTruncated).toBe(page.NextContinuationToken !== undefined)
      ContinuationToken = page.NextContinuationToken
    } while (ContinuationToken)
    expect(seen.toSorted()).toEqual(['a', 'b/', 'b0', 'c/', 'd'])
  }
  const under = await client.send(new ListObjectsV2Command({ Bucket, Prefix: 'b/', StartAfter: 'b/1' }))
  expect(under.Contents).toEqual([
    {
      Key: 'b/2',
      Size: 3,
      ETag: md5(Buffer.from('b/2')),
      LastModified: expect.any(Date),
      StorageClass: 'STANDARD',
      ChecksumAlgorithm: ['CRC32'],
      ChecksumType: 'FULL_OBJECT',
    },
  ])
  await expect(client.send(new ListObjectsV2Command({ Bucket, ContinuationToken: 'made-up' }))).rejects.toThrow(
    refusal('InvalidArgument', 400),
  )
  expect((await client.send(new ListObjectsV2Command({ Bucket, MaxKeys: 0 }))).IsTruncated).toBe(false)
})

test.each([
  ['bytes=2-4', '234', 'bytes 2-4/10'],
  ['bytes=7-', '789', 'bytes 7-9/10'],
  ['bytes=7-99', '789', 'bytes 7-9/10'],
  ['bytes=-3', '789', 'bytes 7-9/10'],
  ['bytes=-99', '0123456789', 'bytes 0-9/10'],
])('the range %s is answered with exactly its bytes', async (Range, text, contentRange) => {
  const { client } = await open()
  await client.send(new PutObjectCommand({ Bucket, Key: 'a', Body: body }))
  const got = await client.send(new GetObjectCommand({ Bucket, Key: 'a', Range }))
  expect(got).toMatchObject({ ContentRange: contentRange, ContentLength: text.length, ETag: md5(body) })
  expect(got.$metadata.httpStatusCode).toBe(206)
  expect(await got.Body?.transformToString()).toBe(text)
})

test('a range outside the object is refused, and a malformed one ignored', async () => {
  const { client } = await open()
  await client.send(new PutObjectCommand({ Bucket, Key: 'a', Body: body }))
  for (const Range of ['bytes=10-', 'bytes=-0'])
    await expect(client.send(new GetObjectCommand({ Bucket, Key: 'a', Range }))).rejects.toThrow(
      refusal('InvalidRange', 416),
    )
  for (const Range of ['bytes=4-2', 'bytes=0-1,3-4', 'lines=1-2'])
    expect((await client.send(new GetObjectCommand({ Bucket, Key: 'a', Range }))).ContentLength).toBe(10)
})

test('conditional reads and writes follow their conditions', async () => {
  const { client } = await open()
  const put = (input: object) => client.send(new PutObjectCommand({ Bucket, Key: 'a', Body: body, ...input }))
  const get = (input: object) => client.send(new GetObjectCommand({ Bucket, Key: 'a', ...input }))
  await put({ IfNoneMatch: '*' })
  await expect(put({ IfNoneMatch: '*' })).rejects.toThrow(refusal('PreconditionFailed', 412))
  await expect(put({ IfMatch: '"0"' })).rejects.toThrow(refusal('PreconditionFailed', 412))
  await put({ IfMatch: md5(body) })
  await expect(put({ Key: 'missing', IfMatch: md5(body) })).rejects.toThrow(refusal('NoSuchKey', 404))
  expect((await get({ IfMatch: md5(body) })).ContentLength).toBe(10)
  await expect(get({ IfMatch: '"0"' })).rejects.toThrow(refusal('PreconditionFailed', 412))
  await expect(get({ IfNoneMatch: md5(body) })).rejects.toMatchObject({ $metadata: { httpStatusCode: 304 } })
  const later = new Date(Date.now() + 60_000)
  await expect(get({ IfModifiedSince: later })).rejects.toMatchObject({ $metadata: { httpStatusCode: 304 } })
})

test('of many concurrent writes with If-None-Match, exactly one succeeds', async () => {
  const { client } = await open()
  const attempts = Array.from({ length: 12 }, (_, index) =>
    client.send(new PutObjectCommand({ Bucket, Key: 'once', Body: `writer ${index}`, IfNoneMatch: '*' })).then(
      () => index,
      () => undefined,
    ),
  )
  const winners = (await Promise.all(attempts)).filter((index) => index !== undefined)
  expect(winners).toHaveLength(1)
  const got = await client.send(new GetObjectCommand({ Bucket, Key: 'once' }))
  expect(await got.Body?.transformToString()).toBe(`writer ${winners[0]}`)
})

test('a copy keeps or replaces headers and metadata, under conditions', async () => {
  const { client } = await open()
  const source = { Bucket, Key: '원본 +1', Body: body, ContentType: 'image/png', Metadata: { a: '1' } }
  await client.send(new PutObjectCommand({ ...source, ChecksumAlgorithm: 'SHA256' }))
  const CopySource = `${Bucket}/${encodeURIComponent(source.Key)}`
  const copied = await client.send(new CopyObjectCommand({ Bucket, Key: 'kept', CopySource }))
  expect(copied.CopyObjectResult).toMatchObject({ ETag: md5(body), ChecksumSHA256: sha256(body) })
  const kept = await client.send(new GetObjectCommand({ Bucket, Key: 'kept' }))
  expect(kept).toMatchObject({ ContentType: 'image/png', Metadata: { a: '1' } })
  expect(await kept.Body?.transformToString()).toBe('0123456789')
  const replace = { MetadataDirective: 'REPLACE', ContentType: 'a/b', Metadata: { b: '2' } } as const
  await client.send(new CopyObjectCommand({ Bucket, Key: source.Key, CopySource, ...replace }))
  expect(await client.send(new HeadObjectCommand({ Bucket, Key: source.Key }))).toMatchObject({
    ContentType: 'a/b',
    Metadata: { b: '2' },
  })
  const copy = (input: object) => client.send(new CopyObjectCommand({ Bucket, Key: 'kept', CopySource, ...input }))
  await expect(copy({ CopySourceIfMatch: '"0"' })).rejects.toThrow(refusal('PreconditionFailed', 412))
  await expect(copy({ CopySource: `${Bucket}/missing` })).rejects.toThrow(refusal('NoSuchKey', 404))
  await expect(copy({ Key: source.Key })).rejects.toThrow(refusal('InvalidRequest', 400))
})

test('a missing object and an unimplemented operation are refused with the code of S3', async () => {
  const { client, store } = await open()
  const missing = { Bucket, Key: 'missing' }
  await expect(client.send(new GetObjectCommand(missing))).rejects.toThrow(refusal('NoSuchKey', 404))
  await expect(client.send(new HeadObjectCommand(missing))).rejects.toThrow(refusal('NotFound', 404))
  const elsewhere = { Bucket: 'nowhere', Key: 'a' }
  await expect(client.send(new GetObjectCommand(elsewhere))).rejects.toThrow(refusal('NoSuchBucket', 404))
  await expect(client.send(new PutObjectCommand({ ...elsewhere, Body: body }))).rejects.toThrow(
    refusal('NoSuchBucket', 404),
  )
  for (const command of [
    new DeleteBucketCommand({ Bucket }),
    new ListObjectsCommand({ Bucket }),
    new GetObjectAclCommand(missing),
    new GetObjectCommand({ ...missing, VersionId: '1' }),
    new PutObjectCommand({ ...missing, Body: body, Tagging: 'a=b' }),
    new PutObjectCommand({ ...missing, Body: body, ACL: 'public-read' }),
    new PutObjectCommand({ ...missing, Body: body, ChecksumAlgorithm: 'CRC32C' }),
  ])
    await expect(client.send(command as PutObjectCommand)).rejects.toThrow(refusal('NotImplemented', 501))
  const options = await fetch(`${store.url}/photos/a`, { method: 'PATCH' })
  expect([options.status, await options.text()]).toEqual([
    405,
    expect.stringContaining('<Code>MethodNotAllowed</Code>'),
  ])
  expect(store.failures).toEqual([])
})

test('objects, their metadata and buckets survive a restart; unfinished uploads do not', async () => {
  const first = await open()
  await first.client.send(new CreateBucketCommand({ Bucket: 'second' }))
  const input = {
    Bucket,
    Key: 'a',
    ContentType: 'image/png',
    Metadata: { a: '1' },
    ChecksumAlgorithm: 'SHA256',
  } as const
  await first.client.send(new PutObjectCommand({ ...input, Body: 'replaced' }))
  await first.client.send(new PutObjectCommand({ ...input, Body: body }))
  await first.client.send(new PutObjectCommand({ ...input, Key: 'gone', Body: body }))
  await first.client.send(new DeleteObjectCommand({ Bucket, Key: 'gone' }))
  const before = await first.client.send(new HeadObjectCommand({ Bucket, Key: 'a', ChecksumMode: 'ENABLED' }))
  await first.store.close()

  const { client } = await open()
  const { $metadata: _, ...after } = await client.send(
    new HeadObjectCommand({ Bucket, Key: 'a', ChecksumMode: 'ENABLED' }),
  )
  expect(before).toMatchObject(after)
  expect(after.ChecksumSHA256).toBe(sha256(body))
  const got = await client.send(new GetObjectCommand({ Bucket, Key: 'a' }))
  expect(await got.Body?.transformToString()).toBe('0123456789')
  const { Contents } = await client.send(new ListObjectsV2Command({ Bucket }))
  expect(Contents?.map(({ Key }) => Key)).toEqual(['a'])
  await client.send(new HeadBucketCommand({ Bucket: 'second' }))
  expect(await readdir(join(stores.directory, 'unfinished'))).toEqual([])
})

test('a store with a damaged object does not start', async () => {
  const first = await open()
  await first.client.send(new PutObjectCommand({ Bucket, Key: 'a', Body: body }))
  await first.store.close()
  const entries = await readdir(join(stores.directory, 'buckets'), { recursive: true, withFileTypes: true })
  const [file] = entries.filter((entry) => entry.isFile()).map(({ parentPath, name }) => join(parentPath, name))
  await truncate(`${file}`, 20)
  await expect(open()).rejects.toThrow(`Object file "${file}" does not end with the marker "S3OBJECT"`)
})

test('an invalid response header is refused as a client error', async () => {
  const { client, store } = await open()
  await client.send(new PutObjectCommand({ Bucket, Key: 'a', Body: body }))
  const get = new GetObjectCommand({ Bucket, Key: 'a', ResponseContentDisposition: 'attachment; filename="사진"' })
  await expect(client.send(get)).rejects.toThrow(refusal('InvalidArgument', 400))
  expect(store.failures).toEqual([])
})

test('a read in progress continues with the old object when it is replaced and deleted', async () => {
  const { client } = await open()
  const large = Buffer.alloc(8_000_000, 'a')
  await client.send(new PutObjectCommand({ Bucket, Key: 'a', Body: large }))
  const got = await client.send(new GetObjectCommand({ Bucket, Key: 'a' }))
  await client.send(new PutObjectCommand({ Bucket, Key: 'a', Body: Buffer.alloc(8_000_000, 'b') }))
  await client.send(new DeleteObjectCommand({ Bucket, Key: 'a' }))
  expect(Buffer.from((await got.Body?.transformToByteArray()) ?? []).equals(large)).toBe(true)
})
