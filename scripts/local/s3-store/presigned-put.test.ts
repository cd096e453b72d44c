import { createHash } from 'node:crypto'
import { request } from 'node:http'
import { connect } from 'node:net'
import { HeadObjectCommand, PutObjectCommand, type S3ClientConfig } from '@aws-sdk/client-s3'
import { getSignedUrl } from '@aws-sdk/s3-request-presigner'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createTestStores } from './test-store.ts'

let stores: Awaited<ReturnType<typeof createTestStores>>
beforeEach(async () => {
  stores = await createTestStores()
})
afterEach(() => stores.close())

const target = { Bucket: 'photos', Key: 'u/user-1/upload-1' }
const photo = Buffer.alloc(20_000, 'photo')
const sha256 = (bytes: Buffer) => createHash('sha256').update(bytes).digest('base64')
const rightHeaders = { 'content-type': 'image/jpeg', 'x-amz-checksum-sha256': sha256(photo) }

async function presign(config: S3ClientConfig = {}) {
  const store = await stores.start()
  const client = stores.connect(store.url, config)
  const command = new PutObjectCommand({
    ...target,
    ContentType: 'image/jpeg',
    ContentLength: photo.length,
    ChecksumSHA256: sha256(photo),
  })
  const url = await getSignedUrl(client, command, {
    expiresIn: 300,
    signableHeaders: new Set(['content-type']),
    unhoistableHeaders: new Set(['x-amz-checksum-sha256']),
  })
  const findStored = () =>
    client.send(new HeadObjectCommand({ ...target, ChecksumMode: 'ENABLED' })).catch(() => undefined)
  return { url: new URL(url), findStored, store, client }
}

type Answer = { status: number; code?: string }
const readAnswer = (status: number, text: string): Answer => ({ status, code: /<Code>(\w+)/.exec(text)?.[1] })

async function putByFetch(url: URL, headers: Record<string, string>, body: Buffer): Promise<Answer> {
  const answer = await fetch(url, { method: 'PUT', headers, body: new Uint8Array(body) })
  return readAnswer(answer.status, await answer.text())
}

describe.each(['WHEN_SUPPORTED', 'WHEN_REQUIRED'] as const)('signed by a client with checksums %s', (choice) => {
  test('accepts exactly the length, type and checksum that were signed', async () => {
    const { url, findStored } = await presign({ requestChecksumCalculation: choice })
    expect(url.searchParams.get('X-Amz-SignedHeaders')).toBe('content-length;content-type;host;x-amz-checksum-sha256')
    expect([...url.searchParams.keys()].filter((name) => name.includes('checksum'))).toEqual([])
    expect(await putByFetch(url, rightHeaders, photo)).toEqual({ status: 200 })
    expect(await findStored()).toMatchObject({
      ContentLength: photo.length,
      ContentType: 'image/jpeg',
      ChecksumSHA256: sha256(photo),
    })
  })
})

const sameLength = Buffer.alloc(photo.length, 'other')
test.each<[string, Record<string, string>, Buffer, string]>([
  ['a shorter body', rightHeaders, photo.subarray(1), 'SignatureDoesNotMatch'],
  ['a longer body', rightHeaders, Buffer.concat([photo, Buffer.from('x')]), 'SignatureDoesNotMatch'],
  ['another type', { ...rightHeaders, 'content-type': 'image/png' }, photo, 'SignatureDoesNotMatch'],
  ['no type', { 'x-amz-checksum-sha256': sha256(photo) }, photo, 'SignatureDoesNotMatch'],
  ['no checksum', { 'content-type': 'image/jpeg' }, photo, 'SignatureDoesNotMatch'],
  ['other bytes under the signed checksum', rightHeaders, sameLength, 'BadDigest'],
  [
    'other bytes under their own checksum',
    { ...rightHeaders, 'x-amz-checksum-sha256': sha256(sameLength) },
    sameLength,
    'SignatureDoesNotMatch',
  ],
  ['an unsigned second checksum', { ...rightHeaders, 'x-amz-checksum-crc32': 'AAAAAA==' }, photo, 'AccessDenied'],
  ['unsigned metadata', { ...rightHeaders, 'x-amz-meta-a': '1' }, photo, 'AccessDenied'],
  ['an unsigned access list', { ...rightHeaders, 'x-amz-acl': 'private' }, photo, 'AccessDenied'],
])('%s is refused and not stored', async (_, headers, body, code) => {
  const { url, findStored } = await presign()
  expect((await putByFetch(url, headers, body)).code).toBe(code)
  expect(await findStored()).toBeUndefined()
})

test('a checksum that the presigner moves into the query still protects the body', async () => {
  const { client, findStored } = await presign()
  const command = new PutObjectCommand({ ...target, ChecksumSHA256: sha256(photo) })
  const url = new URL(await getSignedUrl(client, command))
  expect(url.searchParams.get('x-amz-checksum-sha256')).toBe(sha256(photo))
  expect((await putByFetch(url, {}, sameLength)).code).toBe('BadDigest')
  expect(await findStored()).toBeUndefined()
  expect((await putByFetch(url, {}, photo)).status).toBe(200)
})

test('a default client that presigns without a checksum signs the checksum of an empty body', async () => {
  const { client, findStored } = await presign()
  const url = new URL(await getSignedUrl(client, new PutObjectCommand(target)))
  expect(url.searchParams.get('x-amz-checksum-crc32')).toBe('AAAAAA==')
  expect((await putByFetch(url, {}, photo)).code).toBe('BadDigest')
  expect(await findStored()).toBeUndefined()
})

test('a chunked body without a length is refused', async () => {
  const { client, findStored } = await presign()
  const url = new URL(await getSignedUrl(client, new PutObjectCommand({ ...target, ChecksumSHA256: sha256(photo) })))
  const answer = await new Promise<Answer>((resolve, reject) => {
    const outgoing = request(url, { method: 'PUT', headers: { 'transfer-encoding': 'chunked' } }, async (incoming) => {
      resolve(readAnswer(incoming.statusCode ?? 0, Buffer.concat(await incoming.toArray()).toString()))
    })
    outgoing.on('error', reject).end(photo)
  })
  expect(answer).toEqual({ status: 411, code: 'MissingContentLength' })
  expect(await findStored()).toBeUndefined()
})

/** Sends raw bytes, then ends the sending side; resolves to everything that is received. */
function sendRaw(url: URL, bytes: Buffer): Promise<string> {
  return new Promise((resolve, reject) => {
    const received: Buffer[] = []
    const socket = connect(Number(url.port), url.hostname, () => socket.end(bytes))
    socket.on('data', (chunk) => received.push(chunk)).on('error', reject)
    socket.on('close', () => resolve(Buffer.concat(received).toString()))
  })
}
const head = (url: URL, lines: string[] = []) =>
  Buffer.from(
    [
      `PUT ${url.pathname}${url.search} HTTP/1.1`,
      `Host: ${url.host}`,
      `Content-Length: ${photo.length}`,
      ...Object.entries(rightHeaders).map(([name, value]) => `${name}: ${value}`),
      ...lines,
      '\r\n',
    ].join('\r\n'),
  )

test('a connection that ends before the signed length is answered IncompleteBody and stores nothing', async () => {
  const { url, findStored, store } = await presign()
  expect(await sendRaw(url, Buffer.concat([head(url), photo.subarray(1)]))).toContain('<Code>IncompleteBody</Code>')
  await store.close()
  const { client } = await presign()
  await expect(client.send(new HeadObjectCommand(target))).rejects.toMatchObject({ name: 'NotFound' })
  expect(await findStored()).toBeUndefined()
})

test('a body with bytes after the signed length is not stored', async () => {
  const { url, store } = await presign()
  const answer = await sendRaw(url, Buffer.concat([head(url), photo, Buffer.from('excess')]))
  expect(answer).toContain('HTTP/1.1 400 ')
  expect(answer).not.toContain('HTTP/1.1 200 ')
  // The response is sent before the store has discarded the body; closing waits for that.
  await store.close()
  expect(store.failures).toEqual([])
  const later = await presign()
  expect(await later.findStored()).toBeUndefined()
})

test('a refused upload is read only up to a limit', async () => {
  const { url } = await presign()
  url.searchParams.set('X-Amz-Signature', '0'.repeat(64))
  const header = head(url).toString().replace(`${photo.length}`, '100000000')
  const closed = new Promise<string>((resolve) => {
    const socket = connect(Number(url.port), url.hostname, () => {
      socket.write(header)
      socket.write(Buffer.alloc(40_000_000))
    })
    let received = ''
    socket.on('data', (chunk) => {
      received += chunk
    })
    socket.on('error', () => {}).on('close', () => resolve(received))
  })
  expect(await closed).toContain('SignatureDoesNotMatch')
})

test('a client that waits for 100 Continue receives it only when the signature is valid', async () => {
  const { url } = await presign()
  const ask = (signed: URL) =>
    new Promise<{ continued: boolean; status: number }>((resolve, reject) => {
      let continued = false
      const headers = { ...rightHeaders, 'content-length': photo.length, expect: '100-continue' }
      const outgoing = request(signed, { method: 'PUT', headers }, (incoming) => {
        incoming.resume()
        resolve({ continued, status: incoming.statusCode ?? 0 })
        outgoing.destroy()
      })
      outgoing.on('error', reject).on('continue', () => {
        continued = true
        outgoing.end(photo)
      })
      outgoing.flushHeaders()
    })
  const forged = new URL(url)
  forged.searchParams.set('X-Amz-Signature', '0'.repeat(64))
  expect(await ask(forged)).toEqual({ continued: false, status: 403 })
  expect(await ask(url)).toEqual({ continued: true, status: 200 })
})

test('an object above the largest size is refused before its body is read', async () => {
  const store = await stores.start({ objectSizeBytesMax: 10 })
  const client = stores.connect(store.url)
  const put = (Body: string) => client.send(new PutObjectCommand({ ...target, Body }))
  await put('0123456789')
  await expect(put('01234567890')).rejects.toMatchObject({ name: 'EntityTooLarge' })
})

test('a client whose large upload is refused receives the error, and can reuse its connections', async () => {
  const { client, store } = await presign()
  const large = Buffer.alloc(4_000_000, 'a')
  for (const [headers, code] of [
    [{ 'content-md5': `${'A'.repeat(22)}==` }, 'BadDigest'],
    [{ 'content-type': 'image/png' }, 'SignatureDoesNotMatch'],
  ] as const) {
    const signed = await getSignedUrl(
      client,
      new PutObjectCommand({ ...target, ContentType: 'image/jpeg', ChecksumSHA256: sha256(large) }),
      { signableHeaders: new Set(code === 'BadDigest' ? ['host'] : ['content-type', 'host']) },
    )
    for (let attempt = 0; attempt < 3; attempt++)
      expect((await putByFetch(new URL(signed), headers, large)).code).toBe(code)
  }
  await client.send(new PutObjectCommand({ ...target, Body: large }))
  expect(store.failures).toEqual([])
})
