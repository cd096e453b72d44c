import { createHash } from 'node:crypto'
import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3'
import { getSignedUrl } from '@aws-sdk/s3-request-presigner'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { createTestStores, credentials, region } from '../../../../scripts/local/s3-store/test-store.ts'
import { createResources, type Resources } from '../../process/resources.ts'
import { type ObjectStore, openObjectStore } from './object-store.s3.ts'
import { createUploadSigner } from './upload-signer.s3.ts'

const bytes = new TextEncoder().encode('not really a photo')
const sha256 = createHash('sha256').update(bytes).digest('hex')
let resources: Resources
beforeEach(() => {
  resources = createResources()
})
afterEach(() => resources.close())

const open = (endpoint: string): ObjectStore =>
  resources.add(openObjectStore({ bucket: 'photos', region, endpoint, credentials }))

const startStore = async () => resources.add(await createTestStores()).start()

describe('a signed upload', () => {
  const upload = {
    key: 'uploads/a',
    contentType: 'image/jpeg',
    contentLengthBytes: bytes.byteLength,
    sha256,
    expiresSeconds: 60,
  }
  const put = (
    signed: { url: string; headers: Record<string, string> },
    body: Uint8Array,
    changes: Record<string, string> = {},
  ) => {
    const { 'content-length': _, ...headers } = { ...signed.headers, ...changes }
    return fetch(signed.url, { method: 'PUT', headers, body: Buffer.from(body) })
  }

  test('takes exactly what was declared, and once it is there it can be read', async () => {
    const { url } = await startStore()
    const store = open(url)
    const signed = await createUploadSigner({ bucket: 'photos', region, endpoint: url, credentials })(upload)
    expect(signed.headers).toEqual({
      'content-type': 'image/jpeg',
      'content-length': String(bytes.byteLength),
      'x-amz-checksum-sha256': Buffer.from(sha256, 'hex').toString('base64'),
    })
    expect((await put(signed, bytes)).status).toBe(200)
    expect(await store.read('uploads/a', 1_000)).toEqual(bytes)
  })

  test('refuses another length, type, content or key', async () => {
    const { url } = await startStore()
    const store = open(url)
    const signed = await createUploadSigner({ bucket: 'photos', region, endpoint: url, credentials })(upload)
    const other = bytes.map((byte) => byte ^ 1)
    const otherSum = createHash('sha256').update(other).digest('base64')
    expect((await put(signed, bytes.subarray(1))).status).toBe(403)
    expect((await put(signed, new Uint8Array([...bytes, 1]))).status).toBe(403)
    expect((await put(signed, bytes, { 'content-type': 'text/html' })).status).toBe(403)
    expect((await put(signed, other)).status).toBe(400)
    expect((await put(signed, other, { 'x-amz-checksum-sha256': otherSum })).status).toBe(403)
    expect((await put({ ...signed, url: signed.url.replace('uploads/a', 'uploads/b') }, bytes)).status).toBe(403)
    expect(await store.exists('uploads/a')).toBe(false)
  })
})

describe('the address of an upload', () => {
  afterEach(() => vi.useRealTimers())

  test.each([undefined, 'http://127.0.0.1:9000'])(
    'is the one that the S3 client signs itself (endpoint %s)',
    async (endpoint) => {
      vi.useFakeTimers({ now: new Date('2026-01-02T03:04:05Z'), toFake: ['Date'] })
      const upload = {
        key: 'uploads/a b/ü',
        contentType: 'image/png',
        contentLengthBytes: 12,
        sha256,
        expiresSeconds: 60,
      }
      const ours = await createUploadSigner({ bucket: 'photos', region, credentials, ...(endpoint && { endpoint }) })(
        upload,
      )
      const client = resources.add({
        client: new S3Client({
          region,
          credentials,
          requestChecksumCalculation: 'WHEN_REQUIRED',
          ...(endpoint && { endpoint, forcePathStyle: true }),
        }),
        close: async () => undefined,
      }).client
      const command = new PutObjectCommand({
        Bucket: 'photos',
        Key: upload.key,
        ContentType: upload.contentType,
        ContentLength: upload.contentLengthBytes,
        ChecksumSHA256: Buffer.from(sha256, 'hex').toString('base64'),
      })
      const theirs = await getSignedUrl(client, command, {
        expiresIn: 60,
        signableHeaders: new Set(['content-type']),
        unhoistableHeaders: new Set(['x-amz-checksum-sha256']),
      })
      const [our, their] = [new URL(ours.url), new URL(theirs)]
      expect([our.protocol, our.host, our.pathname]).toEqual([their.protocol, their.host, their.pathname])
      // The client adds the name of the operation, which is part of what it signs.
      const namesOf = (url: URL) =>
        [...url.searchParams.keys()].filter((name) => name !== 'x-id' && name !== 'X-Amz-Content-Sha256').sort()
      expect(namesOf(our)).toEqual(expect.arrayContaining(namesOf(their)))
      expect(our.searchParams.get('X-Amz-SignedHeaders')).toBe(their.searchParams.get('X-Amz-SignedHeaders'))
    },
  )
})
