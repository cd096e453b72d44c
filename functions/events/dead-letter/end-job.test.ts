import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { silentLog } from '../../../scripts/local/testing/silent-log.ts'
import { type JobFields, startWasteParts, type WasteParts } from '../../../scripts/local/testing/waste-parts.ts'
import { type JsonCloudEvent, toBinaryMessage } from '../../_lib/cloud-event.ts'
import { createOutbox } from '../../_lib/outbox.pg.ts'
import type { FunctionInstance } from '../../_lib/serve.ts'
import { withoutServer } from '../../_lib/testing/run-function.ts'
import { toSignedMessage } from '../../_lib/testing/test-event-keys.ts'
import { createLeases } from '../../waste/analysis/leases.pg.ts'
import { createSnapshotReader } from '../../waste/find-snapshot.pg.ts'
import { createQuietJobsRedriver } from '../../waste/tasks/quiet-jobs.pg.ts'
import { start } from './main.ts'

let parts: WasteParts
let environment: Record<string, string>
let archive: FunctionInstance
beforeAll(async () => {
  parts = await startWasteParts()
  environment = { DATABASE_URL: parts.database.urlOf('events'), WASTE_DATABASE_URL: parts.database.urlOf('waste') }
  archive = await parts.start(start, environment)
})
afterAll(() => parts?.close())
beforeEach(() => parts.database.query('truncate waste.jobs, events.outbox, events.dead_letters cascade'))

const database = () => parts.database.openAs('waste')
const outboxOf = (over: ReturnType<typeof database>) =>
  createOutbox({ database: over, publish: async () => undefined, log: silentLog })
async function redrive(): Promise<void> {
  const over = database()
  await createQuietJobsRedriver({ database: over, outbox: outboxOf(over), now: () => new Date() })()
}

/** What the relay publishes next, marked as it marks it. */
async function publishOrder(): Promise<JsonCloudEvent> {
  const [row] = await parts.database.query<{ event: JsonCloudEvent }>(
    'update events.outbox set sent_at = now() where sent_at is null returning event',
  )
  return row?.event ?? expect.fail('Nothing was ordered')
}

/** A job whose redriver has ordered it again and again, with its latest order on the way. */
async function orderedAgain(redrivesBefore: number, fields: Partial<JobFields> = {}) {
  const job = await parts.insertJob({
    state: 'queued',
    redrives: redrivesBefore,
    updated_seconds: -(redrivesBefore + 1) * 60 - 1,
    latitude: 37.5,
    longitude: 127,
    ...fields,
  })
  await redrive()
  return { job, order: await publishOrder() }
}

async function giveUp(order: JsonCloudEvent, instance = archive): Promise<void> {
  const { headers, body } = toSignedMessage(order)
  const dead = { 'ce-knativeerrordest': 'http://waste-ai-analyze.waste.svc/', 'ce-knativeerrorcode': '503' }
  const response = await instance.app.request('/', { method: 'POST', headers: { ...headers, ...dead }, body })
  expect(response.status).toBe(204)
}

describe('the job of a dead letter', () => {
  it('ends when the redriver would never order it again, with a reason for the person', async () => {
    const { job, order } = await orderedAgain(4)
    await giveUp(order)
    expect(await parts.jobRow(job.jobId)).toMatchObject({
      state: 'failed',
      stage: 'failed',
      progress: -1,
      failure_reason: 'analysis_stalled',
      finished_at: expect.any(Date),
      latitude: null,
      longitude: null,
    })
    const read = createSnapshotReader(database())
    expect(await read(job.jobId, job.ownerId)).toMatchObject({ state: 'failed', failureReason: 'analysis_stalled' })
  })

  it('ends with the last order of a step in the same way', async () => {
    const { job, order } = await orderedAgain(4, { step: 'prepare_photo' })
    expect(order.extensions.queue).toBe('image_upload')
    await giveUp({ ...order, extensions: { ...order.extensions, queue: 'ai' } })
    expect(await parts.jobRow(job.jobId)).toMatchObject({ state: 'queued' })
    await giveUp(order)
    expect(await parts.jobRow(job.jobId)).toMatchObject({ state: 'failed', failure_reason: 'analysis_stalled' })
  })

  it('ends though Redis is away, where people are told', async () => {
    const away = await parts.start(start, withoutServer({ ...environment, REDIS_URL: parts.redis.url }, 'redis'))
    const { job, order } = await orderedAgain(4)
    await giveUp(order, away)
    expect(await parts.jobRow(job.jobId)).toMatchObject({ state: 'failed' })
  })

  it.each([0, 1, 2, 3])('is left to the redriver after redrive %i of 5, which orders it again', async (before) => {
    const { job, order } = await orderedAgain(before)
    await giveUp(order)
    expect(await parts.jobRow(job.jobId)).toMatchObject({ state: 'queued', redrives: before + 1 })
    await parts.database.query(`update waste.jobs set updated_at = now() - interval '10 minutes'`)
    await redrive()
    expect((await publishOrder()).extensions.redrives).toBe(String(before + 2))
  })

  it('is left alone by the first order, which carries no number', async () => {
    const job = await parts.insertJob({ state: 'queued' })
    await giveUp(parts.orderOf(job))
    expect(await parts.jobRow(job.jobId)).toMatchObject({ state: 'queued' })
  })

  it('is left alone by a late dead letter of an order before the last', async () => {
    const { job, order: fourth } = await orderedAgain(3)
    await parts.database.query(`update waste.jobs set updated_at = now() - interval '10 minutes'`)
    await redrive()
    await publishOrder()
    await giveUp(fourth)
    expect(await parts.jobRow(job.jobId)).toMatchObject({ state: 'queued', redrives: 5 })
  })

  it('is left alone while the last order still waits for the relay', async () => {
    const { job, order } = await orderedAgain(4)
    await parts.database.query('update events.outbox set sent_at = null')
    await giveUp(order)
    expect(await parts.jobRow(job.jobId)).toMatchObject({ state: 'queued' })
  })

  it.each([
    ['waits', false],
    ['is on the way', true],
  ])('is left alone when a worker put it off meanwhile, and its order %s', async (_, published) => {
    const { job, order } = await orderedAgain(4)
    const over = database()
    const leases = createLeases({
      database: over,
      outbox: outboxOf(over),
      consumer: 'waste-ai-analyze',
      leaseSeconds: 30,
    })
    const claim = await leases.claim(job.jobId)
    if (claim.kind !== 'claimed') return expect.fail(claim.kind)
    await leases.giveBack(claim.job, order, 5)
    if (published) expect((await publishOrder()).extensions.redrives).toBeUndefined()
    await giveUp(order)
    expect(await parts.jobRow(job.jobId)).toMatchObject({ state: 'queued' })
  })

  const others: [string, Partial<JobFields>][] = [
    ['in the hands of a worker', { state: 'processing', lease_no: 1, lease_seconds: 20 }],
    ['of a worker that died, which the redriver ends', { state: 'processing', lease_no: 1, lease_seconds: -1 }],
    ['completed', { state: 'completed' }],
    ['failed for another reason', { state: 'failed', failure_reason: 'photo_refused' }],
  ]
  it.each(others)('is left alone when it is %s', async (_, fields) => {
    const job = await parts.insertJob({ ...fields, redrives: 5 })
    const first = parts.orderOf(job)
    const order = { ...first, extensions: { ...first.extensions, redrives: '5' } }
    await parts.database.query('insert into events.outbox (event_id, event, sent_at) values ($1, $2, now())', [
      order.id,
      JSON.stringify(order),
    ])
    const before = await parts.jobRow(job.jobId)
    await giveUp(order)
    expect(await parts.jobRow(job.jobId)).toEqual(before)
  })

  it('ends by the redriver all the same when it could not be ended here, and the dead letter counts once', async () => {
    const { job, order } = await orderedAgain(4)
    const broken = await parts.start(start, { ...environment, WASTE_DATABASE_URL: 'postgresql://127.0.0.1:1/none' })
    await giveUp(order, broken)
    expect(await parts.database.query('select deliveries from events.dead_letters')).toEqual([{ deliveries: 1 }])
    await parts.database.query(`update waste.jobs set updated_at = now() - interval '7 minutes'`)
    await redrive()
    expect(await parts.jobRow(job.jobId)).toMatchObject({ state: 'failed', failure_reason: 'analysis_stalled' })
  })
})

it('is not ended by a dead letter that nobody has signed', async () => {
  const { job, order } = await orderedAgain(4)
  const { headers, body } = toBinaryMessage(order)
  const response = await archive.app.request('/', { method: 'POST', headers, body })
  expect(response.status).toBe(204)
  expect(await parts.jobRow(job.jobId)).toMatchObject({ state: 'queued' })
  expect(await parts.database.query('select verified from events.dead_letters')).toEqual([{ verified: false }])
  await giveUp(order)
  expect(await parts.jobRow(job.jobId)).toMatchObject({ state: 'failed' })
})
