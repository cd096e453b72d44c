import { readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { S3ClientConfig } from '@aws-sdk/client-s3'
import {
  DeleteObjectCommand,
  DeleteObjectsCommand,
  GetObjectCommand,
  HeadObjectCommand,
  PutObjectCommand,
} from '@aws-sdk/client-s3'
import { getSignedUrl } from '@aws-sdk/s3-request-presigner'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createTestStores, credentials } from './test-store.ts'

let stores: Awaited<ReturnType<typeof createTestStores>>
beforeEach(async () => {
  stores = await createTestStores()
})
afterEach(() => stores.close())

const Bucket = 'photos'
type Sent = {
  method: string
  path: string
  query: Record<string, string>
  headers: Record<string, string>
  body: unknown
}

/** Changes a request after the client has signed it. */
function tamper(client: ReturnType<typeof stores.connect>, change: (sent: Sent) => void) {
  client.middlewareStack.add(
    (next) => (args) => {
      change(args.request as Sent) // the SDK types the request as unknown
      return next(args)
    },
    { step: 'deserialize', priority: 'low', name: 'tamper' },
  )
}

const skewMs = 15 * 60_000
const changedClients: [string, S3ClientConfig, string, number][] = [
  ['another secret key', { credentials: { ...credentials, secretAccessKey: 'x' } }, 'SignatureDoesNotMatch', 403],
  ['another key id', { credentials: { ...credentials, accessKeyId: 'OTHER' } }, 'InvalidAccessKeyId', 403],
  ['another region', { region: 'us-east-1' }, 'AuthorizationHeaderMalformed', 400],
  ['a clock 15 minutes and more behind', { systemClockOffset: -skewMs - 5000 }, 'RequestTimeTooSkewed', 403],
  ['a clock 15 minutes and more ahead', { systemClockOffset: skewMs + 5000 }, 'RequestTimeTooSkewed', 403],
]

test.each(changedClients)('a client with %s is refused', async (_, config, name, status) => {
  const { url } = await stores.start()
  const client = stores.connect(url, config)
  const attempt = client.send(new PutObjectCommand({ Bucket, Key: 'a', Body: 'text' }))
  await expect(attempt).rejects.toMatchObject({ name, $metadata: { httpStatusCode: status } })
})

test('a clock that is almost 15 minutes off is accepted', async () => {
  const now = new Date('2026-05-06T07:08:09Z')
  const { url } = await stores.start({ now: () => now })
  const systemClockOffset = now.getTime() - Date.now() - skewMs + 60_000
  await stores.connect(url, { systemClockOffset }).send(new PutObjectCommand({ Bucket, Key: 'a', Body: 'text' }))
})

const otherHash = '0'.repeat(64)
const changes: [string, (sent: Sent) => void, string][] = [
  [
    'signature',
    ({ headers }) => {
      headers.authorization = `${headers.authorization}`.replace(/.{4}$/, '0000')
    },
    'SignatureDoesNotMatch',
  ],
  [
    'key',
    (sent) => {
      sent.path = '/photos/b'
    },
    'SignatureDoesNotMatch',
  ],
  [
    'method',
    (sent) => {
      sent.method = 'POST'
    },
    'SignatureDoesNotMatch',
  ],
  [
    'query',
    ({ query }) => {
      query['x-id'] = 'other'
    },
    'SignatureDoesNotMatch',
  ],
  [
    'query by one more parameter',
    ({ query }) => {
      query.extra = '1'
    },
    'SignatureDoesNotMatch',
  ],
  [
    'content type',
    ({ headers }) => {
      headers['content-type'] = 'text/html'
    },
    'SignatureDoesNotMatch',
  ],
  [
    'host',
    ({ headers }) => {
      headers.host = 'elsewhere'
    },
    'SignatureDoesNotMatch',
  ],
  [
    'date',
    ({ headers }) => {
      headers['x-amz-date'] = `${headers['x-amz-date']}`.replace(/..Z$/, '60Z')
    },
    'AccessDenied',
  ],
  [
    'metadata',
    ({ headers }) => {
      headers['x-amz-meta-owner'] = 'u2'
    },
    'SignatureDoesNotMatch',
  ],
  [
    'metadata by one more header',
    ({ headers }) => {
      headers['x-amz-meta-other'] = '1'
    },
    'AccessDenied',
  ],
  [
    'checksum',
    ({ headers }) => {
      headers['x-amz-checksum-crc32'] = 'AAAAAA=='
    },
    'SignatureDoesNotMatch',
  ],
  [
    'payload hash',
    ({ headers }) => {
      headers['x-amz-content-sha256'] = otherHash
    },
    'SignatureDoesNotMatch',
  ],
  [
    'body',
    (sent) => {
      sent.body = 'tExt'
    },
    'XAmzContentSHA256Mismatch',
  ],
]

test.each(changes)(
  'a request whose %s was changed after it was signed is refused, and stores nothing',
  async (_, change, name) => {
    const { url } = await stores.start()
    const client = stores.connect(url)
    tamper(client, change)
    const put = new PutObjectCommand({ Bucket, Key: 'a', Body: 'text', ContentType: 'a/b', Metadata: { owner: 'u1' } })
    await expect(client.send(put)).rejects.toMatchObject({ name })
    for (const Key of ['a', 'b'])
      await expect(stores.connect(url).send(new HeadObjectCommand({ Bucket, Key }))).rejects.toThrow(
        expect.objectContaining({ name: 'NotFound' }),
      )
  },
)

test.each([
  ['ChecksumCRC32', 'AAAAAA==', 'BadDigest'],
  ['ChecksumSHA1', `${'A'.repeat(27)}=`, 'BadDigest'],
  ['ChecksumSHA256', `${'A'.repeat(43)}=`, 'BadDigest'],
  ['ContentMD5', `${'A'.repeat(22)}==`, 'BadDigest'],
  ['ChecksumSHA256', 'short', 'InvalidRequest'],
  ['ContentMD5', 'short', 'InvalidDigest'],
])('a body that does not match its signed %s (%s) is refused as %s', async (field, value, name) => {
  const { url } = await stores.start()
  const client = stores.connect(url)
  const put = new PutObjectCommand({ Bucket, Key: 'a', Body: 'text', [field]: value })
  await expect(client.send(put)).rejects.toMatchObject({ name })
  await expect(client.send(new HeadObjectCommand({ Bucket, Key: 'a' }))).rejects.toMatchObject({ name: 'NotFound' })
})

test('an upload that is refused at its end, or interrupted by a crash, leaves no bytes behind', async () => {
  const unfinished = join(stores.directory, 'unfinished')
  const { url, close } = await stores.start()
  const put = new PutObjectCommand({ Bucket, Key: 'a', Body: 'text', ContentMD5: `${'A'.repeat(22)}==` })
  await expect(stores.connect(url).send(put)).rejects.toMatchObject({ name: 'BadDigest' })
  expect(await readdir(unfinished)).toEqual([])
  await close()
  await writeFile(join(unfinished, 'left-by-a-crash'), 'half')
  await stores.start()
  expect(await readdir(unfinished)).toEqual([])
})

/** Changes a request before the client signs it. */
function prepare(client: ReturnType<typeof stores.connect>, change: (sent: Sent) => void) {
  client.middlewareStack.add(
    (next) => (args) => {
      change(args.request as Sent) // the SDK types the request as unknown
      return next(args)
    },
    { step: 'build', priority: 'low', name: 'prepare' },
  )
}

test('a signed hash of a body that is not sent is refused', async () => {
  const { url } = await stores.start()
  const client = stores.connect(url)
  prepare(client, ({ headers }) => {
    headers['x-amz-content-sha256'] = otherHash
  })
  await expect(client.send(new GetObjectCommand({ Bucket, Key: 'a' }))).rejects.toMatchObject({
    name: 'XAmzContentSHA256Mismatch',
  })
})

test('a batch deletion without a checksum is refused', async () => {
  const { url } = await stores.start()
  const client = stores.connect(url)
  prepare(client, ({ headers }) => {
    delete headers['x-amz-checksum-crc32']
    delete headers['x-amz-sdk-checksum-algorithm']
  })
  const command = new DeleteObjectsCommand({ Bucket, Delete: { Objects: [{ Key: 'a' }] } })
  await expect(client.send(command)).rejects.toMatchObject({ name: 'InvalidRequest' })
})

describe('a presigned URL', () => {
  async function presign(expiresIn = 60) {
    let time = new Date('2026-05-06T07:08:09Z')
    const store = await stores.start({ now: () => time })
    const client = stores.connect(store.url, { systemClockOffset: time.getTime() - Date.now() })
    await client.send(new PutObjectCommand({ Bucket, Key: 'a', Body: 'text' }))
    await client.send(new PutObjectCommand({ Bucket, Key: 'b', Body: 'other' }))
    const signed = await getSignedUrl(client, new GetObjectCommand({ Bucket, Key: 'a' }), {
      expiresIn,
      signingDate: time,
    })
    const advance = (seconds: number) => {
      time = new Date(time.getTime() + seconds * 1000)
    }
    return { signed, advance, store, client }
  }
  const ask = async (url: string, init?: RequestInit) => {
    const answer = await fetch(url, init)
    const text = await answer.text()
    return {
      status: answer.status,
      code: /<Code>(\w+)/.exec(text)?.[1],
      message: /<Message>([^<]+)/.exec(text)?.[1],
      text,
    }
  }

  test('can be read any number of times until it expires', async () => {
    const { signed, advance } = await presign(60)
    expect(await ask(signed)).toMatchObject({ status: 200, text: 'text' })
    advance(59)
    expect(await ask(signed)).toMatchObject({ status: 200, text: 'text' })
    advance(1)
    expect(await ask(signed)).toMatchObject({ status: 403, code: 'AccessDenied', message: 'Request has expired' })
  })

  test.each<[string, (signed: string) => string, string]>([
    ['key', (signed) => signed.replace('/photos/a', '/photos/b'), 'SignatureDoesNotMatch'],
    ['expiry', (signed) => signed.replace('X-Amz-Expires=60', 'X-Amz-Expires=61'), 'SignatureDoesNotMatch'],
    ['query', (signed) => `${signed}&response-content-type=text/html`, 'SignatureDoesNotMatch'],
    ['signature', (signed) => signed.replace(/(X-Amz-Signature=)\w{4}/, '$10000'), 'SignatureDoesNotMatch'],
    ['signed headers', (signed) => signed.replace('=host', '=accept%3Bhost'), 'SignatureDoesNotMatch'],
    ['key id', (signed) => signed.replace('LOCALKEY', 'OTHERKEY'), 'InvalidAccessKeyId'],
    ['region', (signed) => signed.replace('ap-northeast-2', 'us-east-1'), 'AuthorizationQueryParametersError'],
    ['authorization, which is removed', (signed) => signed.replace(/\?.*/, ''), 'AccessDenied'],
  ])('is refused with another %s', async (_, change, code) => {
    const { signed } = await presign(60)
    expect(change(signed)).not.toBe(signed)
    expect((await ask(change(signed))).code).toBe(code)
  })

  test.each(['DELETE', 'PUT', 'POST'])('to read is refused for %s', async (method) => {
    const { signed } = await presign(60)
    expect(await ask(signed, { method })).toMatchObject({ status: 403, code: 'SignatureDoesNotMatch' })
    expect(await ask(signed)).toMatchObject({ status: 200, text: 'text' })
  })

  test('to delete deletes, and fixed response headers are answered', async () => {
    const { client } = await presign()
    const remove = await getSignedUrl(client, new DeleteObjectCommand({ Bucket, Key: 'b' }), {
      signingDate: new Date('2026-05-06T07:08:09Z'),
    })
    expect((await fetch(remove, { method: 'DELETE' })).status).toBe(204)
    const read = await getSignedUrl(
      client,
      new GetObjectCommand({ Bucket, Key: 'a', ResponseContentType: 'x/y', ResponseContentDisposition: 'attachment' }),
      { signingDate: new Date('2026-05-06T07:08:09Z') },
    )
    const { headers } = await fetch(read)
    expect([headers.get('content-type'), headers.get('content-disposition')]).toEqual(['x/y', 'attachment'])
  })
})

test('an error is the XML document of S3, and anonymous requests are refused', async () => {
  const { url } = await stores.start()
  for (const path of ['/', '/photos?list-type=2', '/photos/a', '/nowhere/a']) {
    const answer = await fetch(`${url}${path}`)
    const requestId = answer.headers.get('x-amz-request-id')
    expect(answer.status).toBe(403)
    expect(answer.headers.get('content-type')).toBe('application/xml')
    expect(await answer.text()).toBe(
      '<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>AccessDenied</Code><Message>Access Denied</Message>' +
        `<Resource>${path.split('?')[0]}</Resource><RequestId>${requestId}</RequestId></Error>`,
    )
  }
  expect((await fetch(`${url}/photos/%E0%A4%A`)).status).toBe(400)
})
