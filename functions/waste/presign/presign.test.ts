import { createHash, randomUUID } from 'node:crypto'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { type LocalWasteServers, startWasteServers } from '../../../scripts/local/testing/waste-servers.ts'
import type { FunctionInstance } from '../../_lib/process/serve.ts'
import { expectProblem } from '../../_lib/testing/expect-problem.ts'
import { withoutServer } from '../../_lib/testing/run-function.ts'
import { createJobOpener } from '../job/statements/open-job.pg.ts'
import { startWasteParts, type WasteParts } from '../testing/waste-parts.ts'
import { start } from './main.ts'
import { presign } from './presign.ts'

let parts: WasteParts<LocalWasteServers>
let presigning: FunctionInstance
beforeAll(async () => {
  parts = await startWasteServers().then(startWasteParts)
  presigning = await parts.start(start, { REQUESTS_PER_MINUTE_MAX: '1000' })
})
afterAll(() => parts?.close())
beforeEach(async () => {
  await parts.database.query(`update waste.model_circuit set open_until = 'epoch'`)
})

const jpeg = Buffer.from(
  '\xff\xd8\xff\xe0 a photo that is long enough to be taken for one, since nobody decodes it here',
  'latin1',
)
const declared = { content_type: 'image/jpeg', content_length: jpeg.length }

async function ask(
  body: unknown,
  options: { userId?: string; headers?: Record<string, string>; instance?: FunctionInstance } = {},
): Promise<Response> {
  return (options.instance ?? presigning).app.request('/api/v1/waste/analyze', {
    method: 'POST',
    headers: {
      authorization: `Bearer ${await parts.tokenOf(options.userId ?? randomUUID())}`,
      'content-type': 'application/json',
      ...options.headers,
    },
    body: JSON.stringify(body),
  })
}

type Upload = {
  job_id: string
  upload_url: string
  upload_headers: Record<string, string>
  expires_at: string
  status_url: string
  result_url: string
}

async function admit(body: unknown, userId: string = randomUUID()): Promise<Upload> {
  const response = await ask(body, { userId })
  expect(response.status).toBe(201)
  return (await response.json()) as Upload
}

const unfinishedOf = (userId: string) =>
  parts.database.query<{ slot: number; state: string }>(
    `select slot, state from waste.jobs where owner_id = $1 and state in ('created', 'queued', 'processing') order by slot`,
    [userId],
  )

describe('the answer', () => {
  it.each(['image/jpeg', 'image/png', 'image/webp', 'image/heic'])('opens a job for %s', async (contentType) => {
    const userId = randomUUID()
    const before = Date.now()
    const response = await ask({ content_type: contentType, content_length: 2048 }, { userId })
    expect(response.status).toBe(201)
    const upload = (await response.json()) as Upload
    expect(upload).toEqual({
      job_id: expect.stringMatching(/^[0-9a-f]{8}-[0-9a-f]{4}-7/),
      upload_url: expect.stringContaining(`/uploads/${userId}/${upload.job_id}?`),
      upload_headers: { 'content-type': contentType, 'content-length': '2048' },
      expires_at: expect.any(String),
      status_url: `https://api.example.test/api/v1/waste/status/${upload.job_id}`,
      result_url: `https://api.example.test/api/v1/waste/result/${upload.job_id}`,
    })
    expect(response.headers.get('location')).toBe(upload.status_url)
    const lifetimeSeconds = (Date.parse(upload.expires_at) - before) / 1000
    expect(lifetimeSeconds).toBeGreaterThan(295)
    expect(lifetimeSeconds).toBeLessThan(305)
    expect(await parts.jobRow(upload.job_id)).toMatchObject({
      owner_id: userId,
      state: 'created',
      slot: 1,
      content_type: contentType,
      content_length: 2048,
      sha256: null,
      object_key: `uploads/${userId}/${upload.job_id}`,
      locale: 'ko',
      latitude: null,
      longitude: null,
      fencing_token: 0,
    })
  })

  it('keeps the location and the digest that were declared', async () => {
    const sha256 = createHash('sha256').update(jpeg).digest('hex')
    const { job_id } = await admit({ ...declared, sha256, location: { lat: 37.5, lng: -180 } })
    expect(await parts.jobRow(job_id)).toMatchObject({ sha256, latitude: 37.5, longitude: -180 })
  })

  it.each([
    [{ locale: 'en' }, 'ko', 'en'],
    [{}, 'en-GB,en;q=0.9', 'en'],
    [{}, 'fr-FR', 'ko'],
    [{}, undefined, 'ko'],
  ])('speaks the language of %j with Accept-Language %s', async (body, acceptLanguage, locale) => {
    const response = await ask(
      { ...declared, ...body },
      { headers: acceptLanguage ? { 'accept-language': acceptLanguage } : {} },
    )
    const { job_id } = (await response.json()) as Upload
    expect(await parts.jobRow(job_id)).toMatchObject({ locale })
  })

  it('puts nothing of the client into the key', async () => {
    const userId = randomUUID()
    const { upload_url, job_id } = await admit({ ...declared, locale: 'en' }, userId)
    expect(new URL(upload_url).pathname).toBe(`/growbin-test/uploads/${userId}/${job_id}`)
  })
})

describe('the request', () => {
  it.each([
    ['/content_type', { content_type: 'image/gif' }],
    ['/content_type', { content_type: 'image/svg+xml' }],
    ['/content_type', { content_type: 'image/jpeg; charset=x' }],
    ['/content_length', { content_length: 10_485_761 }],
    ['/content_length', { content_length: 63 }],
    ['/content_length', { content_length: 100.5 }],
    ['/content_length', { content_length: '1000' }],
    ['/content_length', { content_length: -1 }],
    ['/sha256', { sha256: 'A'.repeat(64) }],
    ['/sha256', { sha256: 'a'.repeat(63) }],
    ['/location/lat', { location: { lat: 90.1, lng: 0 } }],
    ['/location/lng', { location: { lat: 0, lng: -180.1 } }],
    ['/location/lng', { location: { lat: 0 } }],
    ['/location/altitude', { location: { lat: 0, lng: 0, altitude: 1 } }],
    ['/locale', { locale: 'fr' }],
    ['/file_name', { file_name: '../../etc/passwd' }],
    ['/object_key', { object_key: 'photos/x' }],
  ])('is refused at %s for %j, and writes nothing', async (pointer, change) => {
    const userId = randomUUID()
    const problem = await expectProblem(await ask({ ...declared, ...change }, { userId }), 400)
    expect(problem.errors?.map((error) => error.pointer)).toEqual([pointer])
    expect(await unfinishedOf(userId)).toEqual([])
  })

  it.each([64, 10_485_760])('may declare %i bytes', async (content_length) => {
    await admit({ ...declared, content_length })
  })

  it.each([
    { lat: 90, lng: 180 },
    { lat: -90, lng: -180 },
    { lat: 0, lng: 0 },
  ])('may come from %j', async (location) => {
    await admit({ ...declared, location })
  })
})

describe('the signed upload', () => {
  const put = (upload: Upload, body: Buffer, headers: Record<string, string> = {}) => {
    const { 'content-length': _, ...signed } = upload.upload_headers
    return fetch(upload.upload_url, { method: 'PUT', headers: { ...signed, ...headers }, body: new Uint8Array(body) })
  }
  const sha256 = createHash('sha256').update(jpeg).digest('hex')

  it('accepts exactly the declared photo', async () => {
    const upload = await admit({ ...declared, sha256 })
    expect((await put(upload, jpeg)).status).toBe(200)
    const stored = await parts.store.readStart(new URL(upload.upload_url).pathname.replace('/growbin-test/', ''), 4)
    expect(stored).toMatchObject({ sizeBytes: jpeg.length, contentType: 'image/jpeg' })
  })

  it.each([
    ['one byte less', jpeg.subarray(1), {}],
    ['one byte more', Buffer.concat([jpeg, Buffer.from('x')]), {}],
    ['another type', jpeg, { 'content-type': 'image/png' }],
    ['no checksum', jpeg, { 'x-amz-checksum-sha256': '' }],
    ['other bytes of the same length', Buffer.alloc(jpeg.length, 1), {}],
    ['other bytes with their own checksum', Buffer.alloc(jpeg.length, 1), checksumOf(Buffer.alloc(jpeg.length, 1))],
    ['a storage class of the client', jpeg, { 'x-amz-storage-class': 'GLACIER' }],
    ['an access list of the client', jpeg, { 'x-amz-acl': 'public-read' }],
  ])('refuses %s', async (_, body, headers) => {
    const upload = await admit({ ...declared, sha256 })
    const response = await put(upload, body, headers)
    expect(response.status).toBeGreaterThanOrEqual(400)
    expect(await parts.store.exists(new URL(upload.upload_url).pathname.replace('/growbin-test/', ''))).toBe(false)
  })

  it('is good for no other job, and for nothing but a PUT', async () => {
    const [own, other] = await Promise.all([admit(declared), admit(declared)])
    const moved = own.upload_url.replace(new URL(own.upload_url).pathname, new URL(other.upload_url).pathname)
    expect((await put({ ...own, upload_url: moved }, jpeg)).status).toBe(403)
    for (const method of ['GET', 'DELETE']) {
      expect((await fetch(own.upload_url, { method, headers: { 'content-type': 'image/jpeg' } })).status).toBe(403)
    }
  })
})

function checksumOf(body: Buffer) {
  return { 'x-amz-checksum-sha256': createHash('sha256').update(body).digest('base64') }
}

describe('five unfinished jobs a person', () => {
  it('admits exactly five of 50 requests at once, each to a slot of its own', async () => {
    const userId = randomUUID()
    const responses = await Promise.all(Array.from({ length: 50 }, () => ask(declared, { userId })))
    expect(responses.filter(({ status }) => status === 201)).toHaveLength(5)
    const refused = responses.filter(({ status }) => status !== 201)
    for (const response of refused) {
      const problem = await expectProblem(response, 429)
      expect(problem.reason).toBe('too_many_unfinished_jobs')
      expect(response.headers.get('retry-after')).toBe('5')
    }
    expect(await unfinishedOf(userId)).toEqual([1, 2, 3, 4, 5].map((slot) => ({ slot, state: 'created' })))
  })

  it('counts each person alone', async () => {
    const people = Array.from({ length: 4 }, () => randomUUID())
    const statuses = await Promise.all(
      people.flatMap((userId) => Array.from({ length: 8 }, async () => (await ask(declared, { userId })).status)),
    )
    expect(statuses.filter((status) => status === 201)).toHaveLength(20)
  })

  it.each(['created', 'queued', 'processing'] as const)('counts a job that is %s', async (state) => {
    const userId = randomUUID()
    for (let slot = 1; slot <= 5; slot += 1) await parts.insertJob({ owner_id: userId, slot, state })
    expect((await ask(declared, { userId })).status).toBe(429)
  })

  it('frees a slot when a job ends', async () => {
    const userId = randomUUID()
    for (let slot = 1; slot <= 5; slot += 1) await parts.insertJob({ owner_id: userId, slot, state: 'queued' })
    expect((await ask(declared, { userId })).status).toBe(429)
    await parts.database.query(
      `update waste.jobs set state = 'completed', finished_at = now() where owner_id = $1 and slot = 3`,
      [userId],
    )
    const { job_id } = await admit(declared, userId)
    expect(await parts.jobRow(job_id)).toMatchObject({ slot: 3 })
  })

  it('frees the slots of expired uploads at once, under 50 requests too, and ends their jobs', async () => {
    const userId = randomUUID()
    const expired = []
    for (let slot = 1; slot <= 5; slot += 1) {
      const place = { latitude: 37, longitude: 127 }
      expired.push(await parts.insertJob({ owner_id: userId, slot, upload_seconds: slot <= 3 ? -1 : 60, ...place }))
    }
    const statuses = await Promise.all(Array.from({ length: 50 }, async () => (await ask(declared, { userId })).status))
    expect(statuses.filter((status) => status === 201)).toHaveLength(3)
    expect(await unfinishedOf(userId)).toHaveLength(5)
    for (const [index, { jobId }] of expired.entries()) {
      expect(await parts.jobRow(jobId)).toMatchObject(
        index < 3
          ? { state: 'failed', failure_reason: 'upload_expired', latitude: null, longitude: null, progress: -1 }
          : { state: 'created', latitude: 37 },
      )
    }
  })

  it('are asked for eight times at most while others are always quicker', async () => {
    let tries = 0
    const quicker = { earlier: null, upload_expires_at: null, free: true }
    const run = async () => {
      tries += 1
      return { rows: [quicker] } as never
    }
    const openJob = createJobOpener({ ...parts.database.openAs('waste'), run }, { waitingMax: 4_500, perDayMax: 100 })
    expect(await openJob({} as never)).toEqual({ kind: 'too_many_unfinished' })
    expect(tries).toBe(8)
  })

  it('takes no slot when the upload cannot be signed', async () => {
    let inserted = 0
    const deps = {
      admit: async () => ({ firstSeconds: 0, furtherSeconds: 0, release: () => undefined }),
      openJob: async () => {
        inserted += 1
        return { kind: 'too_many_unfinished' } as const
      },
      signUpload: () => Promise.reject(new Error('There are no credentials')),
      createId: randomUUID,
      uploadExpiresSeconds: 300,
      analysesPerDayMax: 100,
      crowdedRetryAfterSeconds: 2,
    }
    const input = {
      ownerId: randomUUID(),
      contentType: 'image/jpeg' as const,
      contentLengthBytes: 1000,
      sha256: undefined,
      location: undefined,
      locale: 'ko' as const,
      traceparent: '',
    }
    await expect(presign(deps, input)).rejects.toThrow('There are no credentials')
    expect(inserted).toBe(0)
  })
})

describe('a request that is repeated with its Idempotency-Key', () => {
  const withKey = (body: unknown, userId: string, key: string) =>
    ask(body, { userId, headers: { 'idempotency-key': key, 'accept-language': 'en' } })

  it('gets the same job and only one slot, also for 20 concurrent requests', async () => {
    const [userId, key] = [randomUUID(), randomUUID()]
    const first = await Promise.all(Array.from({ length: 20 }, () => withKey(declared, userId, key)))
    const later = await withKey(declared, userId, `"${key}"`)
    const uploads = await Promise.all([...first, later].map((response) => response.json() as Promise<Upload>))
    expect([...first, later].map(({ status }) => status)).toEqual(Array.from({ length: 21 }, () => 201))
    expect(new Set(uploads.map(({ job_id }) => job_id)).size).toBe(1)
    expect(new Set(uploads.map(({ expires_at }) => expires_at)).size).toBe(1)
    expect(await unfinishedOf(userId)).toEqual([{ slot: 1, state: 'created' }])
  })

  it('gets an address that works, and ends with the time of the job', async () => {
    const [userId, key] = [randomUUID(), randomUUID()]
    const { job_id } = (await (await withKey(declared, userId, key)).json()) as Upload
    await parts.database.query(
      `update waste.jobs set upload_expires_at = now() + interval '60 seconds' where job_id = $1`,
      [job_id],
    )
    const upload = (await (await withKey(declared, userId, key)).json()) as Upload
    const expiresSeconds = Number(new URL(upload.upload_url).searchParams.get('X-Amz-Expires'))
    expect(expiresSeconds).toBeGreaterThan(40)
    expect(expiresSeconds).toBeLessThanOrEqual(60)
    const { 'content-length': _, ...headers } = upload.upload_headers
    expect((await fetch(upload.upload_url, { method: 'PUT', headers, body: new Uint8Array(jpeg) })).status).toBe(200)
  })

  it('is answered while the person has no slot left and the model is paused', async () => {
    const userId = randomUUID()
    const keys = Array.from({ length: 5 }, () => randomUUID())
    for (const key of keys) expect((await withKey(declared, userId, key)).status).toBe(201)
    await parts.database.query(`update waste.model_circuit set open_until = now() + interval '42 seconds'`)
    for (const key of keys) expect((await withKey(declared, userId, key)).status).toBe(201)
    expect((await withKey(declared, userId, randomUUID())).status).toBe(503)
  })

  it.each([
    ['type', { content_type: 'image/png' }],
    ['length', { content_length: jpeg.length + 1 }],
    ['digest', { sha256: 'a'.repeat(64) }],
  ])('is refused for a photo of another %s', async (_, change) => {
    const [userId, key] = [randomUUID(), randomUUID()]
    await withKey(declared, userId, key)
    const problem = await expectProblem(await withKey({ ...declared, ...change }, userId, key), 409)
    expect(problem).toMatchObject({
      reason: 'idempotency_key_reused',
      detail: 'This Idempotency-Key was used for another photo.',
    })
  })

  it.each([
    ['was uploaded', `state = 'queued', queued_at = now()`],
    ['has expired', `upload_expires_at = now() - interval '1 second'`],
  ])('is refused when the job no longer waits, because its photo %s', async (_, change) => {
    const [userId, key] = [randomUUID(), randomUUID()]
    const { job_id } = (await (await withKey(declared, userId, key)).json()) as Upload
    await parts.database.query(`update waste.jobs set ${change} where job_id = $1`, [job_id])
    const problem = await expectProblem(await withKey(declared, userId, key), 409)
    expect(problem.reason).toBe('job_not_waiting')
  })

  it('is a request of its own for another person, and for another key', async () => {
    const key = randomUUID()
    const requests = [
      [randomUUID(), key],
      [randomUUID(), key],
      [randomUUID(), randomUUID()],
    ] as const
    const jobs = []
    for (const [userId, ownKey] of requests) {
      jobs.push(((await (await withKey(declared, userId, ownKey)).json()) as Upload).job_id)
    }
    expect(new Set(jobs).size).toBe(3)
  })

  it.each(['', 'short', 'x'.repeat(129), 'with spaces in the middle', '"only-one-quote-here'])(
    'is refused with the key %j',
    async (key) => {
      const userId = randomUUID()
      const problem = await expectProblem(await withKey(declared, userId, key), 400)
      expect(problem.reason).toBe('invalid_idempotency_key')
      expect(await unfinishedOf(userId)).toEqual([])
    },
  )
})

describe('a pause of the model', () => {
  it('refuses new work with 503 and the rest of the pause, and writes nothing', async () => {
    await parts.database.query(`update waste.model_circuit set open_until = now() + interval '42 seconds'`)
    const userId = randomUUID()
    const response = await ask(declared, { userId, headers: { 'accept-language': 'en' } })
    const problem = await expectProblem(response, 503)
    expect(problem).toMatchObject({
      reason: 'analysis_paused',
      detail: 'Analysis is paused for a moment. Please try again shortly.',
    })
    expect(Number(response.headers.get('retry-after'))).toBeGreaterThanOrEqual(40)
    expect(Number(response.headers.get('retry-after'))).toBeLessThanOrEqual(42)
    expect(await unfinishedOf(userId)).toEqual([])
  })

  it('ends by the clock of the database', async () => {
    await parts.database.query(`update waste.model_circuit set open_until = now() - interval '1 millisecond'`)
    expect((await ask(declared)).status).toBe(201)
  })
})

describe('requests a minute', () => {
  it('admits 60 of a person and refuses the 61st, whatever becomes of them, with the documented headers', async () => {
    const limited = await parts.start(start)
    const userId = randomUUID()
    const responses = []
    for (let request = 0; request < 60; request += 1) responses.push(await ask({}, { userId, instance: limited }))
    expect(new Set(responses.map(({ status }) => status))).toEqual(new Set([400]))
    const response = await ask(declared, { userId, instance: limited })
    const problem = await expectProblem(response, 429)
    expect(problem.reason).toBe('rate_limited')
    expect(response.headers.get('ratelimit-policy')).toBe('"waste-presign";q=60;w=60')
    expect(response.headers.get('ratelimit')).toMatch(/^"waste-presign";r=0;t=\d+$/)
    const retryAfter = Number(response.headers.get('retry-after'))
    expect(retryAfter).toBeGreaterThanOrEqual(1)
    expect(retryAfter).toBeLessThanOrEqual(60)
    expect((await ask(declared, { instance: limited })).status).toBe(201)
  })

  it('says how many are left, in the minute and in the day', async () => {
    const response = await ask(declared)
    expect(response.headers.get('ratelimit')).toMatch(/^"waste-presign-day";r=99;t=\d+, "waste-presign";r=999;t=\d+$/)
    expect(response.headers.get('ratelimit-policy')).toBe(
      '"waste-presign-day";q=100;w=86400, "waste-presign";q=1000;w=60',
    )
  })
})

describe('analyses of a day', () => {
  const limitedTo = (perDay: number) =>
    parts.start(start, { REQUESTS_PER_MINUTE_MAX: '1000', ANALYSES_PER_DAY_MAX: String(perDay) })
  const english = { 'accept-language': 'en' }
  /** As if all that the person has opened had come to its end in this way. */
  const endAll = (userId: string, reason: string | null = null) =>
    parts.database.query(
      `update waste.jobs set state = case when $2::text is null then 'completed' else 'failed' end, failure_reason = $2,
         finished_at = now() where owner_id = $1 and finished_at is null`,
      [userId, reason],
    )

  it('end with a 429 at the opening, until the day of Asia/Seoul is over, in the language of the person', async () => {
    const instance = await limitedTo(2)
    const userId = randomUUID()
    for (let opened = 0; opened < 2; opened += 1) {
      expect((await ask(declared, { userId, instance })).status).toBe(201)
      await endAll(userId)
    }
    const refused = await ask(declared, { userId, instance, headers: english })
    const [row] = await parts.database.query<{ seconds: number }>(
      `select extract(epoch from ((now() at time zone 'Asia/Seoul')::date + 1)::timestamp at time zone 'Asia/Seoul' - now()
       )::float8 as seconds`,
    )
    expect(await expectProblem(refused, 429)).toMatchObject({
      reason: 'day_used_up',
      detail: 'You have used up your analyses for today. Please try again tomorrow.',
    })
    const retryAfter = Number(refused.headers.get('retry-after'))
    expect(Math.abs(retryAfter - (row?.seconds ?? 0))).toBeLessThan(5)
    expect(refused.headers.get('ratelimit')).toContain(`"waste-presign-day";r=0;t=${retryAfter},`)
    const inKorean = await expectProblem(await ask(declared, { userId, instance }), 429)
    expect(inKorean.detail).toBe('오늘 할 수 있는 분석을 모두 썼어요. 내일 다시 시도해 주세요.')
    expect((await ask(declared, { instance })).status).toBe(201)
  })

  it('begin anew on the next day of Asia/Seoul', async () => {
    const instance = await limitedTo(1)
    const userId = randomUUID()
    expect((await ask(declared, { userId, instance })).status).toBe(201)
    expect((await ask(declared, { userId, instance })).status).toBe(429)
    await parts.database.query(
      `update waste.jobs set opened_on = opened_on - 1, created_at = created_at - interval '1 day' where owner_id = $1`,
      [userId],
    )
    expect((await ask(declared, { userId, instance })).status).toBe(201)
  })

  it('are never more than the limit, also when 50 are asked for at once of two processes', async () => {
    const instances = [await limitedTo(3), await limitedTo(3)] as const
    const userId = randomUUID()
    const responses = await Promise.all(
      Array.from({ length: 50 }, (_, nth) => ask(declared, { userId, instance: instances[nth % 2 ? 1 : 0] })),
    )
    expect(responses.filter(({ status }) => status === 201)).toHaveLength(3)
    for (const response of responses.filter(({ status }) => status !== 201)) {
      expect((await expectProblem(response, 429)).reason).toBe('day_used_up')
    }
    expect(await unfinishedOf(userId)).toHaveLength(3)
  })

  it('are counted where Redis cannot forget them', async () => {
    const instance = await limitedTo(1)
    const userId = randomUUID()
    expect((await ask(declared, { userId, instance })).status).toBe(201)
    // A process of its own has no count in its memory either.
    const without = await parts.start(
      start,
      withoutServer({ ...parts.environment, REQUESTS_PER_MINUTE_MAX: '1000', ANALYSES_PER_DAY_MAX: '1' }, 'redis'),
    )
    const problem = await expectProblem(await ask(declared, { userId, instance: without }), 429)
    expect(problem.reason).toBe('day_used_up')
  })

  it('are not used up by what opens no job', async () => {
    const instance = await limitedTo(6)
    const userId = randomUUID()
    const key = { 'idempotency-key': randomUUID() }
    const send = (body: unknown, headers = {}) => ask(body, { userId, instance, headers })
    for (let times = 0; times < 3; times += 1) expect((await send({ content_type: 'image/gif' })).status).toBe(400)
    expect((await send(declared, { 'idempotency-key': 'short' })).status).toBe(400)
    for (let times = 0; times < 4; times += 1) expect((await send(declared, key)).status).toBe(201)
    expect((await send({ ...declared, content_type: 'image/png' }, key)).status).toBe(409)
    await parts.database.query(`update waste.model_circuit set open_until = now() + interval '42 seconds'`)
    for (let times = 0; times < 4; times += 1) expect((await send(declared)).status).toBe(503)
    await parts.database.query(`update waste.model_circuit set open_until = 'epoch'`)
    for (let times = 0; times < 4; times += 1) expect((await send(declared)).status).toBe(201)
    for (let times = 0; times < 4; times += 1) {
      expect((await expectProblem(await send(declared), 429)).reason).toBe('too_many_unfinished_jobs')
    }
    await endAll(userId)
    const last = await send(declared)
    expect(last.status).toBe(201)
    expect(last.headers.get('ratelimit')).toMatch(/^"waste-presign-day";r=0;/)
    expect((await expectProblem(await send(declared), 429)).reason).toBe('day_used_up')
  })

  it('are those that failed too, but not those whose photo never came', async () => {
    const instance = await limitedTo(2)
    const userId = randomUUID()
    for (const reason of ['upload_expired', 'photo_refused', 'upload_expired', 'invalid_image']) {
      expect((await ask(declared, { userId, instance })).status).toBe(201)
      await endAll(userId, reason)
    }
    expect((await expectProblem(await ask(declared, { userId, instance }), 429)).reason).toBe('day_used_up')
  })

  it('come back at once when the time of an upload is over, which nobody has noted yet', async () => {
    const instance = await limitedTo(1)
    const userId = randomUUID()
    expect((await ask(declared, { userId, instance })).status).toBe(201)
    expect((await ask(declared, { userId, instance })).status).toBe(429)
    await parts.database.query(
      `update waste.jobs set upload_expires_at = now() - interval '1 second' where owner_id = $1`,
      [userId],
    )
    expect((await ask(declared, { userId, instance })).status).toBe(201)
  })

  it('may be opened three times as often as there are, by somebody who never sends a photo', async () => {
    const instance = await limitedTo(2)
    const userId = randomUUID()
    const statuses = []
    for (let opened = 0; opened < 7; opened += 1) {
      statuses.push((await ask(declared, { userId, instance })).status)
      await endAll(userId, 'upload_expired')
    }
    expect(statuses).toEqual([201, 201, 201, 201, 201, 201, 429])
  })
})
