import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { ModelFault } from '../../../scripts/local/simulators/model/model-simulator.ts'
import { type LocalWasteServers, startWasteServers } from '../../../scripts/local/testing/waste-servers.ts'
import { createPseudonym } from '../../_lib/access/pseudonym.ts'
import type { FunctionInstance } from '../../_lib/process/serve.ts'
import { startWasteParts, type TestJob, type WasteParts } from '../testing/waste-parts.ts'
import { start } from './main.ts'

let parts: WasteParts<LocalWasteServers>
let analyzing: FunctionInstance
/** Only for calls that hang: a busy machine may take longer than this for any other. */
let impatient: FunctionInstance
let photo: Buffer

beforeAll(async () => {
  parts = await startWasteServers().then(startWasteParts)
  // Redis stays unavailable, so that no answer is remembered and each delivery asks the model.
  await parts.redis.faults.down()
  analyzing = await parts.start(start)
  impatient = await parts.start(start, { MODEL_TIMEOUT_MS: '300' })
  photo = await readFile(join(import.meta.dirname, '../../../scripts/photos/battery.jpg'))
})
afterAll(() => parts?.close())
beforeEach(async () => {
  parts.model.control.reset()
  await parts.database.query('truncate waste.jobs, waste.results, waste.model_calls, waste.model_budget cascade')
  await closeCircuit()
})

const closeCircuit = () =>
  parts.database.query(`update waste.model_circuit set open_until = 'epoch', reason = null, failing = false`)
const fail = (...queue: (ModelFault | 'ok')[]) => parts.model.control.set({ queue })
const modelCalls = () => parts.model.control.calls().total
const rowOf = (job: TestJob) => parts.jobRow(job.jobId)

async function pauseOf(): Promise<number> {
  const [row] = await parts.database.query<{ seconds: number }>(
    'select greatest(0, extract(epoch from open_until - now()))::float8 as seconds from waste.model_circuit',
  )
  return row?.seconds ?? 0
}

/** Seconds until the order is sent again; undefined when it is not. */
async function delayOf(job: TestJob): Promise<number | undefined> {
  const [row, ...others] = await parts.database.query<{ seconds: number; event: { id: string; data: unknown } }>(
    `select extract(epoch from next_at - now())::float8 as seconds, event from events.outbox
     where event_id = $1 and sent_at is null`,
    [job.eventId],
  )
  expect(others).toEqual([])
  if (row) expect(row.event).toMatchObject({ id: job.eventId, data: { job_id: job.jobId } })
  return row?.seconds
}

async function deliver(job: TestJob, instance = analyzing): Promise<void> {
  expect((await parts.deliver(instance, job)).status).toBe(204)
}

const outcomesOf = async ({ jobId }: TestJob) =>
  (
    await parts.database.query<{ outcome: string | null }>(
      'select outcome from waste.model_calls where job_id = $1 order by fencing_token',
      [jobId],
    )
  ).map(({ outcome }) => outcome)

it('the provider knows a person by a pseudonym that is on no receipt and that their id alone does not give', async () => {
  const asked: { safety_identifier?: string }[] = []
  const listening = createServer((incoming, outgoing) => {
    text(incoming).then((body) => {
      asked.push(JSON.parse(body))
      outgoing.writeHead(400, { 'content-type': 'application/json' }).end('{"error":{"message":"noted"}}')
    })
  })
  await once(listening.listen(0, '127.0.0.1'), 'listening')
  const { port } = listening.address() as AddressInfo
  const job = await parts.queuePhoto(photo)
  await parts.deliver(await parts.start(start, { OPENAI_BASE_URL: `http://127.0.0.1:${port}/v1` }), job)
  listening.close()
  const key = parts.environment.PSEUDONYM_KEY ?? ''
  const [row] = await parts.database.query<{ owner_id: string }>('select owner_id from waste.jobs where job_id = $1', [
    job.jobId,
  ])
  const ownerId = row?.owner_id ?? ''
  const given = asked[0]?.safety_identifier
  expect(given).toBe(createPseudonym(key, 'model-safety-identifier')(ownerId))
  expect(given).not.toBe(createPseudonym(key, 'deletion-receipt')(ownerId))
  expect(given).not.toBe(createHash('sha256').update(`growbin:${ownerId}`).digest('hex'))
})

describe('an answer that another call would not change', () => {
  it.each([
    ['refusal', 'photo_refused', 'refused'],
    ['content_filter', 'photo_refused', 'refused'],
  ] as const)('%s fails the job as %s at once', async (fault, reason, outcome) => {
    fail(fault)
    const job = await parts.queuePhoto(photo)
    await deliver(job)
    expect(await rowOf(job)).toMatchObject({ state: 'failed', failure_reason: reason })
    expect(await outcomesOf(job)).toEqual([outcome])
    expect(await delayOf(job)).toBeUndefined()
    await deliver(job)
    expect(modelCalls()).toBe(1)
  })
})

describe('an answer that cannot be used', () => {
  it.each(['truncated_json', 'schema_breaking', 'empty_output'] as const)(
    '(%s) is asked for once more, at once, and then fails the job',
    async (fault) => {
      fail(fault, fault)
      const job = await parts.queuePhoto(photo)
      const before = parts.broker.events.length
      await deliver(job)
      expect(await rowOf(job)).toMatchObject({ state: 'queued', failure_reason: null })
      expect(parts.broker.events.slice(before)).toMatchObject([{ id: job.eventId, data: { job_id: job.jobId } }])
      await deliver(job)
      expect(await rowOf(job)).toMatchObject({ state: 'failed', failure_reason: 'model_answer_unusable' })
      expect(modelCalls()).toBe(2)
    },
  )

  it('may be good the second time', async () => {
    fail('truncated_json', 'ok')
    const job = await parts.queuePhoto(photo)
    await deliver(job)
    await deliver(job)
    expect(await rowOf(job)).toMatchObject({ state: 'completed' })
    expect(await outcomesOf(job)).toEqual(['truncated', 'answered'])
  })
})

describe('the ledger', () => {
  const ledgerOf = ({ jobId }: TestJob) =>
    parts.database.query(
      `select outcome, input_tokens > 0 and output_tokens > 0 as counted, cost_usd > 0 as priced
       from waste.model_calls where job_id = $1 order by fencing_token`,
      [jobId],
    )

  it('counts what answers have cost that were cut off, as it does those that were whole', async () => {
    fail('truncated_json', 'ok')
    const job = await parts.queuePhoto(photo)
    await deliver(job)
    await deliver(job)
    expect(await ledgerOf(job)).toEqual([
      { outcome: 'truncated', counted: true, priced: true },
      { outcome: 'answered', counted: true, priced: true },
    ])
  })

  it('has one entry for a call whose reasoning effort was refused first', async () => {
    const instance = await parts.start(start, { OPENAI_MODEL: 'o4-mini' })
    const job = await parts.queuePhoto(photo)
    await deliver(job, instance)
    expect(await outcomesOf(job)).toEqual(['answered'])
    expect(parts.model.control.calls().byStatus).toEqual({ 400: 1, 200: 1 })
    const [row] = await parts.database.query<{ reasoning_tokens: number; output_tokens: number }>(
      'select reasoning_tokens, output_tokens from waste.model_calls where job_id = $1',
      [job.jobId],
    )
    expect(row?.reasoning_tokens).toBe(250)
    expect(row?.output_tokens).toBeGreaterThan(250)
  })
})

describe('a call that fails on the side of the model', () => {
  it.each([
    ['hang', 'timeout'],
    ['server_error', 'server_error'],
    ['overloaded', 'server_error'],
    ['reset', 'network'],
  ] as const)(
    '(%s) is tried three times, later each time, and then fails the job if others are answered',
    async (fault, outcome) => {
      fail('ok')
      await deliver(await parts.queuePhoto(photo))
      fail(fault, fault, fault)
      const job = await parts.queuePhoto(photo)
      const instance = fault === 'hang' ? impatient : analyzing
      await deliver(job, instance)
      expect(await rowOf(job)).toMatchObject({ state: 'queued', lease_until: null })
      const first = await delayOf(job)
      expect(first).toBeGreaterThan(1)
      expect(first).toBeLessThanOrEqual(2.5)
      await deliver(job, instance)
      const second = await delayOf(job)
      expect(second).toBeGreaterThan(7)
      expect(second).toBeLessThanOrEqual(10)
      await deliver(job, instance)
      expect(await rowOf(job)).toMatchObject({ state: 'failed', failure_reason: 'model_unavailable' })
      await deliver(job, instance)
      expect(modelCalls()).toBe(4)
      expect(await outcomesOf(job)).toEqual([outcome, outcome, outcome])
    },
  )

  it('fails no job during an outage of the model, regardless of the number of tries', async () => {
    const job = await parts.queuePhoto(photo)
    for (let tried = 0; tried < 6; tried += 1) {
      fail('server_error')
      await closeCircuit()
      await deliver(job)
      expect(await rowOf(job)).toMatchObject({ state: 'queued', failed_tries: 0 })
      expect(await delayOf(job)).toBeGreaterThan(1)
    }
    await closeCircuit()
    await deliver(job)
    expect(await rowOf(job)).toMatchObject({ state: 'completed' })
  })

  it('five times in ten seconds stops the calls of all workers for ten seconds', async () => {
    fail('server_error', 'reset', 'overloaded', 'server_error', 'server_error')
    const jobs = await Promise.all(Array.from({ length: 6 }, () => parts.queuePhoto(photo)))
    const [last, ...first] = jobs
    for (const job of first.slice(0, 4)) await deliver(job)
    expect(await pauseOf()).toBe(0)
    for (const job of first.slice(4)) await deliver(job)
    const pauseSeconds = await pauseOf()
    expect(pauseSeconds).toBeGreaterThan(9)
    expect(pauseSeconds).toBeLessThanOrEqual(10)
    await deliver(last as TestJob)
    expect(modelCalls()).toBe(5)
    expect(await delayOf(last as TestJob)).toBeGreaterThan(8)
    await parts.database.query(`update waste.model_circuit set open_until = now() - interval '1 millisecond'`)
    await deliver(last as TestJob)
    expect(await rowOf(last as TestJob)).toMatchObject({ state: 'completed' })
  })

  it.each(['ok', 'refusal', 'truncated_json'] as const)(
    'does not open the circuit while the model answers others (%s)',
    async (answer) => {
      fail('server_error', 'server_error', answer, 'server_error', 'server_error', 'server_error')
      const jobs = await Promise.all(Array.from({ length: 6 }, () => parts.queuePhoto(photo)))
      for (const job of jobs) await deliver(job)
      expect(await pauseOf()).toBe(0)
    },
  )

  it('is not counted together with refusals, which anybody can bring about', async () => {
    fail('refusal', 'refusal', 'refusal', 'refusal', 'server_error')
    const jobs = await Promise.all(Array.from({ length: 5 }, () => parts.queuePhoto(photo)))
    for (const job of jobs) await deliver(job)
    expect(await pauseOf()).toBe(0)
  })
})

describe('a call that the provider refuses', () => {
  it.each([
    ['rate_limited', undefined, 5],
    ['rate_limited_with_retry_after', 7, 7],
    ['rate_limited_with_retry_after', 3600, 60],
    ['insufficient_quota', undefined, 60],
    ['invalid_api_key', undefined, 60],
    ['permission_denied', undefined, 60],
    ['model_not_found', undefined, 60],
  ] as const)('(%s, %s s) pauses all workers for as long, and costs the job no try', async (fault, asked, seconds) => {
    parts.model.control.set({ queue: [fault], ...(asked && { retryAfterSeconds: asked }) })
    const job = await parts.queuePhoto(photo)
    await deliver(job)
    expect(await rowOf(job)).toMatchObject({ state: 'queued' })
    expect(await pauseOf()).toBeGreaterThan(seconds - 1)
    expect(await pauseOf()).toBeLessThanOrEqual(seconds)
    expect(await delayOf(job)).toBeGreaterThan(seconds - 1)
    expect(await delayOf(job)).toBeLessThanOrEqual(seconds * 1.25)
    const other = await parts.queuePhoto(photo)
    await deliver(other)
    expect(modelCalls()).toBe(1)
    expect(await rowOf(other)).toMatchObject({ state: 'queued' })
    for (let again = 0; again < 4; again += 1) {
      await closeCircuit()
      fail(fault)
      await deliver(job)
    }
    await closeCircuit()
    await deliver(job)
    expect(await rowOf(job)).toMatchObject({ state: 'completed' })
  })
})

describe('the calls of one job', () => {
  it('are bounded also when workers die before they can say what became of theirs', async () => {
    const job = await parts.queuePhoto(photo)
    await parts.database.query(
      `insert into waste.model_calls (job_id, fencing_token) select $1, number from generate_series(1, 3) as number`,
      [job.jobId],
    )
    await parts.database.query('update waste.jobs set fencing_token = 3 where job_id = $1', [job.jobId])
    await deliver(job)
    expect(modelCalls()).toBe(0)
    expect(await rowOf(job)).toMatchObject({ state: 'failed', failure_reason: 'model_unavailable' })
  })
})

describe('what is sent to the model', () => {
  it('holds nothing that names the person', async () => {
    const job = await parts.queuePhoto(photo, { latitude: 37.5663, longitude: 126.9779 })
    await deliver(job)
    expect(parts.model.control.calls()).toMatchObject({ total: 1, imagesWithExif: 0 })
    const seen = JSON.stringify(parts.model.control.calls())
    expect(seen).not.toContain(job.ownerId)
  })
})
