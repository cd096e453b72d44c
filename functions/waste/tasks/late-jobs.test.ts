import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { type LocalWasteServers, startWasteServers } from '../../../scripts/local/testing/waste-servers.ts'
import { createOutbox } from '../../_lib/messaging/outbox.pg.ts'
import type { Database } from '../../_lib/stores/database.pg.ts'
import { silentLog } from '../../_lib/testing/silent-log.ts'
import { createLeases } from '../analysis/lease/leases.pg.ts'
import { createSnapshotReader } from '../snapshot/find-snapshot.pg.ts'
import { renderStatus } from '../snapshot/job-snapshot.ts'
import { startWasteParts, type WasteParts } from '../testing/waste-parts.ts'
import { createStalledJobsRedriver } from './stalled-jobs.pg.ts'

let parts: WasteParts<LocalWasteServers>
let database: Database
beforeAll(async () => {
  parts = await startWasteServers().then(startWasteParts)
  database = parts.database.openAs('waste')
})
afterAll(() => parts?.close())
beforeEach(() => parts.database.query('truncate waste.jobs, events.outbox cascade'))

const redriverOf = (over: Database) =>
  createStalledJobsRedriver({
    database: over,
    outbox: createOutbox({ database: over, publish: async () => undefined, log: silentLog }),
    now: () => new Date(),
  })
const redrive = () => redriverOf(database)()
const claim = (jobId: string) =>
  createLeases({
    database,
    outbox: createOutbox({ database, publish: async () => undefined, log: silentLog }),
    consumer: 'test',
    leaseSeconds: 15,
  }).claim(jobId)

/** Jobs of as many people, queued so many seconds ago, and a second more for each further one. Gives their ids, the newest first. */
async function queued(count: number, secondsAgo: number): Promise<string[]> {
  const rows = await parts.database.query<{ job_id: string }>(
    `insert into waste.jobs (job_id, owner_id, state, stage, slot, content_type, content_length, object_key, locale, event_id,
       traceparent, upload_expires_at, queued_at, updated_at)
     select gen_random_uuid(), gen_random_uuid(), 'queued', 'queued', 1, 'image/jpeg', 1000, 'x', 'ko', gen_random_uuid(), '',
       now(), now() - make_interval(secs => $2 + number), now() - make_interval(secs => $2 + number)
     from generate_series(1, $1) as number
     returning job_id`,
    [count, secondsAgo],
  )
  return rows.map((row) => row.job_id)
}
/** In the order in which they were queued, the newest first. */
const released = async () =>
  (
    await parts.database.query<{ job_id: string }>(
      'select job_id from waste.jobs where released_until > now() order by queued_at desc',
    )
  ).map((row) => row.job_id)
const complete = (jobIds: readonly string[]) =>
  parts.database.query(
    `update waste.jobs set state = 'completed', stage = 'done', lease_until = null, finished_at = now()
     where job_id = any($1)`,
    [jobIds],
  )
const hour = 3600

describe('after an outage', () => {
  it.each([0.1, 1, 24, 25.9])('of %f hours no job fails, and the newest are released first', async (hours) => {
    const jobs = await queued(120, hours * hour)
    expect(await redrive()).toEqual({ redriven: 50, failed: [], more: false })
    expect(await released()).toEqual(jobs.slice(0, 50))
    expect(await parts.database.query('select from events.outbox where next_at <= now()')).toHaveLength(50)
  })

  it.each([
    [0, 50],
    [20, 30],
    [45, 10],
    [3_000, 10],
  ])('while %i fresh jobs wait, %i late ones may be worked at', async (fresh, late) => {
    await queued(fresh, -1)
    await parts.database.query('update waste.jobs set queued_at = now(), updated_at = now()')
    const jobs = await queued(120, hour)
    expect(await redrive()).toMatchObject({ redriven: late })
    expect(await released()).toEqual(jobs.slice(0, late))
  })

  it('the next are released as those before them come to their end, and all of them in the end', async () => {
    const jobs = await queued(120, hour)
    await redrive()
    expect(await redrive()).toMatchObject({ redriven: 0 })
    await complete(jobs.slice(0, 20))
    expect(await redrive()).toMatchObject({ redriven: 20 })
    expect(await released()).toEqual([...jobs.slice(0, 70)])
    await complete(jobs.slice(20, 70))
    expect(await redrive()).toMatchObject({ redriven: 50 })
    expect(await released()).toEqual(expect.arrayContaining(jobs.slice(70)))
  })

  it('a job in work counts against the limit even when its release is over', async () => {
    const [job] = await queued(60, hour)
    await redrive()
    expect(await claim(job ?? '')).toMatchObject({ kind: 'claimed' })
    await parts.database.query(`update waste.jobs set released_until = now() - interval '1 second' where job_id = $1`, [
      job,
    ])
    expect(await redrive()).toMatchObject({ redriven: 0 })
  })

  it('a released job that no worker claimed is released again after the others, without a failed try', async () => {
    const jobs = await queued(60, hour)
    await redrive()
    await parts.database.query(
      `update waste.jobs set released_until = now() - interval '1 second' where released_until is not null`,
    )
    await redrive()
    const again = await released()
    expect(again).toEqual(expect.arrayContaining(jobs.slice(50)))
    expect(again).toHaveLength(50)
    expect(await parts.database.query('select from waste.jobs where failed_tries > 0')).toEqual([])
  })

  it('a job whose worker died comes after those that were never tried', async () => {
    const jobs = await queued(61, hour)
    await parts.database.query(
      `update waste.jobs set state = 'processing', lease_until = now() - interval '1 second', failed_tries = 1
       where job_id = $1`,
      [jobs[0]],
    )
    await redrive()
    expect(await released()).toEqual(jobs.slice(1, 51))
  })

  it('several redrivers release no job twice', async () => {
    await queued(400, hour)
    const redrivers = Array.from({ length: 4 }, () => redriverOf(parts.database.openAs('waste')))
    const reports = await Promise.all(redrivers.map((run) => run()))
    const count = reports.reduce((sum, report) => sum + report.redriven, 0)
    expect(await parts.database.query('select from waste.jobs where redrives = 1')).toHaveLength(count)
    expect(await parts.database.query('select from waste.jobs where redrives > 1')).toEqual([])
  })
})

describe('the command of a late job', () => {
  it('is not worked at when it arrives late, and is when the job is released', async () => {
    const [job = ''] = await queued(1, 301)
    expect(await claim(job)).toEqual({ kind: 'not_needed', state: 'queued' })
    expect(await parts.jobRow(job)).toMatchObject({ state: 'queued', fencing_token: 0, failed_tries: 0 })
    await redrive()
    expect(await claim(job)).toMatchObject({ kind: 'claimed' })
  })

  it('of before its release has ended does nothing', async () => {
    const [job = ''] = await queued(1, 301)
    await redrive()
    await parts.database.query(`update waste.jobs set released_until = now() - interval '1 millisecond'`)
    expect(await claim(job)).toMatchObject({ kind: 'not_needed' })
  })

  it('is none while five minutes have not passed', async () => {
    const [job = ''] = await queued(1, 290)
    expect(await claim(job)).toMatchObject({ kind: 'claimed' })
  })
})

it('a person reads that it takes longer, and that the photo is kept', async () => {
  const job = await parts.insertJob({ state: 'queued', queued_seconds: -290, owner_id: randomUUID() })
  const read = async () =>
    (await createSnapshotReader(database)(job.jobId, job.ownerId)) ?? expect.fail('The job is gone')
  expect(renderStatus(await read(), 'en')).toMatchObject({ stage: 'queued', message: 'Waiting for its turn.' })
  await parts.database.query(`update waste.jobs set queued_at = now() - interval '301 seconds'`)
  expect(renderStatus(await read(), 'en')).toMatchObject({
    status: 'queued',
    stage: 'late',
    progress: 0,
    message: 'This takes longer than usual. Your photo is kept, so there is no need to send it again.',
  })
  expect(renderStatus(await read(), 'ko').message).toBe(
    '분석이 늦어지고 있어요. 사진은 그대로 있으니 다시 보내지 않아도 돼요.',
  )
})
