import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { type LocalWasteServers, startWasteServers } from '../../../../scripts/local/testing/waste-servers.ts'
import type { Database } from '../../../_lib/stores/database.pg.ts'
import type { LeasedJob } from '../../job/leased-job.ts'
import { startWasteParts, type WasteParts } from '../../testing/waste-parts.ts'
import { type CallPermit, createModelCalls } from './model-calls.pg.ts'

let parts: WasteParts<LocalWasteServers>
let database: Database
beforeAll(async () => {
  parts = await startWasteServers().then(startWasteParts)
  database = parts.database.openAs('waste')
})
afterAll(() => parts?.close())
beforeEach(async () => {
  await parts.database.query('truncate waste.jobs, waste.model_calls, waste.model_budget cascade')
  await parts.database.query(`update waste.model_circuit set open_until = 'epoch', reason = null, failing = false`)
})

async function leased(fencingToken = 1): Promise<LeasedJob> {
  const { jobId, ownerId, objectKey } = await parts.insertJob({
    state: 'processing',
    fencing_token: fencingToken,
    lease_seconds: 60,
  })
  const state = 'processing'
  const own = { jobId, ownerId, objectKey, fencingToken, state } as const
  return { ...own, contentType: 'image/jpeg', contentLengthBytes: 1, locale: 'ko', location: null }
}

const limits = { callsPerMinuteMax: 1_000, callsPerDayMax: 1_000, callsPerJobMax: 3 }
const granted = (permits: CallPermit[]) => permits.filter(({ kind }) => kind === 'granted').length
const ledger = async () =>
  (await parts.database.query<{ count: number }>('select count(*)::integer as count from waste.model_calls'))[0]?.count

/** Begins calls for as many jobs at once, and again when a minute ended in between. */
async function beginAtOnce(count: number, changed: Partial<typeof limits>) {
  const modelCalls = createModelCalls(database, { ...limits, ...changed })
  const jobs = await Promise.all(Array.from({ length: count }, () => leased()))
  return Promise.all(jobs.map((job) => modelCalls.begin(job)))
}

const periods = () =>
  parts.database.query<{ period: string; calls: number }>(
    'select period, calls from waste.model_budget order by period',
  )

describe('the budget', () => {
  it('of a day is exact under 200 calls at once', async () => {
    const permits = await beginAtOnce(200, { callsPerDayMax: 37 })
    expect(granted(permits)).toBe(37)
    expect(permits.filter(({ kind }) => kind === 'day_full')).toHaveLength(163)
    expect(await ledger()).toBe(37)
    expect((await periods())[0]).toEqual({ period: expect.stringMatching(/^day:\d{4}-\d\d-\d\d$/), calls: 37 })
  })

  it('of a minute is exact under 200 calls at once', async () => {
    const permits = await beginAtOnce(200, { callsPerMinuteMax: 41 })
    const minutes = (await periods()).filter(({ period }) => period.startsWith('minute:'))
    // One minute, or two when the test meets their border.
    expect(minutes.every(({ calls }) => calls <= 41)).toBe(true)
    expect(granted(permits)).toBe(minutes.reduce((sum, { calls }) => sum + calls, 0))
    if (minutes.length === 1) expect(granted(permits)).toBe(41)
    expect(await ledger()).toBe(granted(permits))
    for (const permit of permits) {
      if (permit.kind !== 'minute_full') continue
      expect(permit.delaySeconds).toBeGreaterThan(0)
      expect(permit.delaySeconds).toBeLessThanOrEqual(60)
    }
  })

  it('is counted in minutes and days of Seoul', async () => {
    await beginAtOnce(1, {})
    const [row] = await parts.database.query<{ day: string }>(
      `select to_char(now() at time zone 'Asia/Seoul', 'YYYY-MM-DD') as day`,
    )
    expect((await periods()).map(({ period }) => period.slice(0, 20))).toEqual([
      `day:${row?.day}`,
      expect.stringContaining(`minute:${row?.day}T`.slice(0, 17)),
    ])
  })
})

describe('a permit', () => {
  it('is refused to a worker without the lease, and costs nothing', async () => {
    const job = await leased()
    await parts.database.query('update waste.jobs set fencing_token = 2 where job_id = $1', [job.jobId])
    expect(await createModelCalls(database, limits).begin(job)).toEqual({ kind: 'lease_lost' })
    expect(await periods()).toEqual([])
    expect(await ledger()).toBe(0)
  })

  it('is refused during a pause, which costs nothing, and says how long it lasts', async () => {
    const modelCalls = createModelCalls(database, limits)
    await modelCalls.pause(30, 'rate_limited')
    const permit = await modelCalls.begin(await leased())
    expect(permit).toEqual({ kind: 'paused', delaySeconds: expect.any(Number) })
    expect(permit.kind === 'paused' && permit.delaySeconds).toBeGreaterThan(28)
    expect(await periods()).toEqual([])
  })

  it('is refused for the fourth call of a job, which costs nothing; calls that the provider refused do not count', async () => {
    const modelCalls = createModelCalls(database, limits)
    const job = await leased()
    const permits = []
    for (const [index, outcome] of ['rate_limited', null, 'not_permitted', 'timeout', 'network', null].entries()) {
      const held = { ...job, fencingToken: index + 1 }
      await parts.database.query('update waste.jobs set fencing_token = $2 where job_id = $1', [
        job.jobId,
        held.fencingToken,
      ])
      permits.push(await modelCalls.begin(held))
      if (outcome) await modelCalls.end(held, outcome)
    }
    expect(permits).toEqual([
      { kind: 'granted', callNo: 1, isProbe: false },
      { kind: 'granted', callNo: 1, isProbe: false },
      { kind: 'granted', callNo: 2, isProbe: false },
      { kind: 'granted', callNo: 2, isProbe: false },
      { kind: 'granted', callNo: 3, isProbe: false },
      { kind: 'calls_used_up' },
    ])
    expect((await periods()).map(({ calls }) => calls)).toEqual(expect.arrayContaining([5]))
  })
})

describe('a pause', () => {
  it('is never shortened by another', async () => {
    const modelCalls = createModelCalls(database, limits)
    await Promise.all([modelCalls.pause(50, 'rate_limited'), modelCalls.pause(5, 'timeout'), modelCalls.pause(20, 'x')])
    const [row] = await parts.database.query<{ seconds: number }>(
      'select extract(epoch from open_until - now())::float8 as seconds from waste.model_circuit',
    )
    expect(row?.seconds).toBeGreaterThan(48)
  })
})

describe('an outage of the model', () => {
  const pauseOf = async () =>
    (
      await parts.database.query<{ seconds: number }>(
        'select greatest(0, extract(epoch from open_until - now()))::float8 as seconds from waste.model_circuit',
      )
    )[0]?.seconds ?? 0
  const passPause = () =>
    parts.database.query(`update waste.model_circuit set open_until = now() - interval '1 second'`)
  const calls = () => createModelCalls(database, limits)
  async function failFive() {
    for (let failed = 0; failed < 5; failed += 1) {
      const job = await leased()
      await calls().begin(job)
      await calls().endFailed(job, 'timeout')
    }
  }

  it('is tried by one call at a time, 15 s apart, until one is answered', async () => {
    await failFive()
    expect(await pauseOf()).toBeGreaterThan(8)
    for (let failed = 0; failed < 3; failed += 1) {
      await passPause()
      const [probe, other] = [await leased(), await leased()]
      expect(await calls().begin(probe)).toMatchObject({ kind: 'granted', isProbe: true })
      const paused = await calls().begin(other)
      expect(paused.kind === 'paused' && paused.delaySeconds).toBeLessThanOrEqual(15)
      expect(await calls().endFailed(probe, 'server_error')).toBe(false)
      expect(await pauseOf()).toBeGreaterThan(13)
      expect(await calls().begin(other)).toMatchObject({ kind: 'paused' })
    }
    await passPause()
    expect(await calls().begin(await leased())).toMatchObject({ kind: 'granted', isProbe: true })
    await calls().recover()
    const permits = await Promise.all([leased(), leased(), leased()].map(async (job) => calls().begin(await job)))
    expect(permits).toEqual(permits.map(() => ({ kind: 'granted', callNo: 1, isProbe: false })))
  })

  it('is not called by everybody for the rest of a minute in which it still answered', async () => {
    const other = await leased()
    await calls().begin(other)
    await calls().end(other, 'answered')
    await parts.database.query(`update waste.model_calls set ended_at = now() - interval '11 seconds'`)
    await failFive()
    expect(await pauseOf()).toBeGreaterThan(8)
  })

  it('has failed five times within ten seconds, and not within a longer time', async () => {
    const job = await leased()
    await failFive()
    await parts.database.query(`update waste.model_circuit set open_until = 'epoch', failing = false`)
    await parts.database.query(`update waste.model_calls set ended_at = now() - interval '11 seconds'`)
    await calls().begin(job)
    await calls().endFailed(job, 'timeout')
    expect(await pauseOf()).toBe(0)
  })

  it.each(['answered', 'refused', 'invalid_image'])('is not one that has just %s somebody else', async (outcome) => {
    const other = await leased()
    await calls().begin(other)
    await calls().end(other, outcome)
    await failFive()
    expect(await pauseOf()).toBe(0)
  })

  it('fails no job: a failure counts against a job only while others are answered', async () => {
    const job = await leased()
    for (let fencingToken = 1; fencingToken <= 5; fencingToken += 1) {
      const held = { ...job, fencingToken }
      await parts.database.query('update waste.jobs set fencing_token = $2 where job_id = $1', [
        job.jobId,
        fencingToken,
      ])
      await parts.database.query(`update waste.model_circuit set open_until = 'epoch', failing = false`)
      expect(await calls().begin(held)).toMatchObject({ kind: 'granted', callNo: 1 })
      expect(await calls().endFailed(held, 'timeout')).toBe(false)
    }
    await parts.database.query(`update waste.model_circuit set open_until = 'epoch', failing = false`)
    const other = await leased()
    await calls().begin(other)
    await calls().end(other, 'answered')
    const held = { ...job, fencingToken: 6 }
    await parts.database.query('update waste.jobs set fencing_token = 6 where job_id = $1', [job.jobId])
    await parts.database.query(`update waste.model_circuit set open_until = 'epoch', failing = false`)
    expect(await calls().begin(held)).toMatchObject({ kind: 'granted', callNo: 1 })
    expect(await calls().endFailed(held, 'timeout')).toBe(true)
  })
})
