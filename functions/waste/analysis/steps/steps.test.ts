import { randomUUID } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Redis } from 'ioredis'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { type LocalWasteServers, startWasteServers } from '../../../../scripts/local/testing/waste-servers.ts'
import type { JsonCloudEvent } from '../../../_lib/events/cloud-event.ts'
import { createOutbox } from '../../../_lib/messaging/outbox.pg.ts'
import type { FunctionInstance } from '../../../_lib/process/serve.ts'
import { runFunction } from '../../../_lib/testing/run-function.ts'
import { silentLog } from '../../../_lib/testing/silent-log.ts'
import { toSignedMessage } from '../../../_lib/testing/test-event-keys.ts'
import { start as startSingle } from '../../ai-analyze/main.ts'
import { analysisSteps, stepEventId } from '../../analysis-step.ts'
import { start as startIdentifyItem } from '../../identify-item/main.ts'
import { type PreparePhotoDeps, preparePhoto } from '../../prepare-photo/prepare-photo.ts'
import { preparedKeyOf } from '../../prepared-key.ts'
import { createSnapshotReader } from '../../snapshot/find-snapshot.pg.ts'
import type { JobSnapshot } from '../../snapshot/job-snapshot.ts'
import { createPersonDeleter } from '../../tasks/delete-person.pg.ts'
import { createStalledJobsRedriver } from '../../tasks/stalled-jobs.pg.ts'
import { followToEnd } from '../../testing/follow-to-end.ts'
import { type StagedAnalysis, startStagedAnalysis } from '../../testing/staged-analysis.ts'
import { startWasteParts, type TestJob, type WasteParts } from '../../testing/waste-parts.ts'
import { createLeases } from '../lease/leases.pg.ts'
import { createPhotoRemover } from '../photo/remove-photo.ts'
import { createStepOutputs } from './step-outputs.pg.ts'

let parts: WasteParts<LocalWasteServers>
let staged: StagedAnalysis
let single: FunctionInstance
let redis: Redis
let photo: Buffer
beforeAll(async () => {
  parts = await startWasteServers().then(startWasteParts)
  staged = await startStagedAnalysis(parts)
  single = await parts.start(startSingle)
  redis = new Redis(parts.redis.url)
  photo = await readFile(join(import.meta.dirname, '../../../../scripts/photos/battery.jpg'))
})
afterAll(async () => {
  redis?.disconnect()
  await parts?.close()
})
beforeEach(async () => {
  parts.model.control.reset()
  parts.objects.faults.clear()
  await redis.flushall()
  await parts.database.query('truncate waste.jobs, waste.results, waste.model_calls, waste.model_budget cascade')
  await parts.database.query('truncate events.outbox, events.inbox, events.dead_letters')
})

const calls = () => parts.model.control.calls().total
const outputsOf = async ({ jobId }: TestJob) =>
  (
    await parts.database.query<{ step: string }>(
      'select step from waste.step_outputs where job_id = $1 order by finished_at',
      [jobId],
    )
  ).map(({ step }) => step)
const resultsOf = ({ jobId }: TestJob) =>
  parts.database.query('select answered_by from waste.results where job_id = $1', [jobId])
const stalled = ({ jobId }: TestJob) =>
  parts.database.query(
    `update waste.jobs set updated_at = now() - interval '1 hour', lease_until = lease_until - interval '1 hour'
     where job_id = $1`,
    [jobId],
  )
const database = () => parts.database.openAs('waste')
const outboxOf = () => createOutbox({ database: database(), publish: async () => undefined, log: silentLog })
const redrive = () => createStalledJobsRedriver({ database: database(), outbox: outboxOf(), now: () => new Date() })()
const leasesOf = (step: (typeof analysisSteps)[number], leaseSeconds = 15) =>
  createLeases({ database: database(), outbox: outboxOf(), consumer: 'test', leaseSeconds, step })

/** What the relay publishes next, marked as it marks it. */
async function publishCommand(): Promise<JsonCloudEvent> {
  const [row] = await parts.database.query<{ event: JsonCloudEvent }>(
    'update events.outbox set sent_at = now() where sent_at is null returning event',
  )
  return row?.event ?? expect.fail('No command was published')
}

/** A job that has taken this many steps, with the command of the next one. */
async function advanced(steps: number) {
  const job = await staged.queuePhoto(photo)
  const events = [staged.commandOf(job)]
  for (let done = 0; done < steps; done += 1) {
    const { reply } = await staged.deliver(events[done] as JsonCloudEvent)
    events.push(reply ?? expect.fail(`Step ${done} gave no reply`))
  }
  return { job, events, next: events.at(-1) as JsonCloudEvent }
}

async function expectCompletedOnce(job: TestJob) {
  expect(await parts.jobRow(job.jobId)).toMatchObject({ state: 'completed', stage: 'done', progress: 100 })
  expect(await resultsOf(job)).toHaveLength(1)
  expect(await outputsOf(job)).toEqual([])
}

describe('the way of a job', () => {
  it('is four events, each the reply to the one before, with ids that depend on nothing but job and step', async () => {
    const job = await staged.queuePhoto(photo)
    const delivered = await staged.follow(staged.commandOf(job))
    expect(delivered.map(({ id, source, extensions }) => [id, source, extensions.queue])).toEqual([
      [job.eventId, '/growbin/waste-upload-complete', 'image_upload'],
      [stepEventId(job.jobId, 'identify_item'), '/growbin/waste-prepare-photo', 'gpt5_analysis'],
      [stepEventId(job.jobId, 'retrieve_rules'), '/growbin/waste-identify-item', 'rule_retrieval'],
      [stepEventId(job.jobId, 'compose_answer'), '/growbin/waste-retrieve-rules', 'response_generation'],
    ])
    for (const { data, subject, extensions } of delivered) {
      expect({ data, subject }).toEqual({ data: { job_id: job.jobId }, subject: job.jobId })
      expect(extensions.traceparent).toBe(delivered[0]?.extensions.traceparent)
    }
    await expectCompletedOnce(job)
    expect(await parts.database.query('select consumer from events.inbox order by handled_at')).toEqual(
      ['prepare-photo', 'identify-item', 'retrieve-rules', 'compose-answer'].map((name) => ({
        consumer: `waste-${name}`,
      })),
    )
  })

  it('is gone once by the leases alone: after the inbox has forgotten them, all events again change nothing', async () => {
    const job = await staged.queuePhoto(photo)
    const delivered = await staged.follow(staged.commandOf(job))
    const before = await parts.jobRow(job.jobId)
    await parts.database.query('truncate events.inbox')
    for (const event of delivered) expect(await staged.deliver(event)).toEqual({ status: 204, reply: undefined })
    expect(calls()).toBe(1)
    expect(await parts.jobRow(job.jobId)).toEqual(before)
    expect(await parts.database.query('select consumer from events.inbox')).toEqual([])
    await expectCompletedOnce(job)
  })

  it('is two events for a known photo', async () => {
    await staged.follow(staged.commandOf(await staged.queuePhoto(photo)))
    const job = await staged.queuePhoto(photo)
    const delivered = await staged.follow(staged.commandOf(job))
    expect(delivered.map(({ extensions }) => extensions.queue)).toEqual(['image_upload', 'response_generation'])
    expect(await resultsOf(job)).toEqual([{ answered_by: 'exact_match' }])
    expect(calls()).toBe(1)
  })

  it.each([
    [1, 'identify_item', 30],
    [2, 'retrieve_rules', 50],
    [3, 'compose_answer', 70],
  ])('is, after %i of its steps, that of a job at %s without a lease', async (steps, step, progressMin) => {
    const { job } = await advanced(steps)
    const row = await parts.jobRow(job.jobId)
    expect(row).toMatchObject({ state: 'processing', step, lease_until: null, fencing_token: steps, redrives: 0 })
    expect(await outputsOf(job)).toEqual(analysisSteps.slice(0, steps))
    const status = await createSnapshotReader(database())(job.jobId, job.ownerId)
    expect(status).toMatchObject({ state: 'processing' })
    // A person who asks PostgreSQL in between sees the stage that the last step began with, and never an earlier one.
    expect(status?.progress).toBeLessThanOrEqual(progressMin)
    expect(status?.progress).toBeGreaterThan(0)
  })

  it('leaves only ids in the events', async () => {
    const { events } = await advanced(3)
    for (const { data } of events) expect(Object.keys(data as object)).toEqual(['job_id'])
  })
})

describe('a delivery that is repeated', () => {
  it.each([0, 1, 2])('ten times at once does step %i once, and the job ends once', async (steps) => {
    const { job, next } = await advanced(steps)
    const answers = await Promise.all(Array.from({ length: 10 }, () => staged.deliver(next)))
    const replies = answers.flatMap(({ reply }) => reply ?? [])
    expect(new Set(answers.map(({ status }) => status))).toSatisfy((seen: Set<number>) =>
      [...seen].every((status) => status === 200 || status === 204),
    )
    expect(replies.length).toBeGreaterThan(0)
    expect(new Set(replies.map((reply) => JSON.stringify(reply))).size).toBe(1)
    expect(await parts.jobRow(job.jobId)).toMatchObject({ fencing_token: steps + 1 })
    await Promise.all(replies.map((reply) => staged.follow(reply)))
    await expectCompletedOnce(job)
    expect(calls()).toBe(1)
  })

  it('of the last step ten times at once saves one result', async () => {
    const { job, next } = await advanced(3)
    const answers = await Promise.all(Array.from({ length: 10 }, () => staged.deliver(next)))
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([204]))
    await expectCompletedOnce(job)
  })

  it('gets the same reply for as long as the job is unfinished, and none after', async () => {
    const { job, events } = await advanced(3)
    for (const [at, event] of events.slice(0, 3).entries()) {
      expect(await staged.deliver(event)).toEqual({ status: 200, reply: events[at + 1] })
    }
    expect(await parts.jobRow(job.jobId)).toMatchObject({ step: 'compose_answer', fencing_token: 3 })
    await staged.follow(events[3] as JsonCloudEvent)
    await expectCompletedOnce(job)
    for (const event of events) expect(await staged.deliver(event)).toEqual({ status: 204, reply: undefined })
    await expectCompletedOnce(job)
    expect(calls()).toBe(1)
  })

  it('before its turn does nothing, and takes nothing from the one that comes in turn', async () => {
    const { job, events } = await advanced(3)
    const other = await staged.queuePhoto(photo)
    const early = events.slice(1).map((event) => ({ ...event, subject: other.jobId, data: { job_id: other.jobId } }))
    for (const event of early.reverse()) expect(await staged.deliver(event)).toEqual({ status: 204, reply: undefined })
    expect(await parts.jobRow(other.jobId)).toMatchObject({ state: 'queued', fencing_token: 0, step: 'prepare_photo' })
    await staged.follow(staged.commandOf(other))
    await expectCompletedOnce(other)
    expect(await parts.jobRow(job.jobId)).toMatchObject({ state: 'processing', step: 'compose_answer' })
  })
})

describe('a stalled job', () => {
  it.each([0, 1, 2, 3])(
    'before its step %i is commanded again at that step, under the id of its command',
    async (steps) => {
      const { job, next } = await advanced(steps)
      expect(await redrive()).toMatchObject({ redriven: 0 })
      await stalled(job)
      expect(await redrive()).toMatchObject({ redriven: 1, failed: [] })
      expect(await parts.jobRow(job.jobId)).toMatchObject({ state: 'queued', step: analysisSteps[steps], redrives: 1 })
      const command = await publishCommand()
      expect(command).toMatchObject({
        id: next.id,
        source: next.source,
        type: next.type,
        data: next.data,
        extensions: { queue: next.extensions.queue, redrives: '1' },
      })
      await staged.follow(command)
      await expectCompletedOnce(job)
      expect(calls()).toBe(1)
    },
  )

  it.each([0, 1, 2, 3])('as the worker at its step %i died is commanded again at that step', async (steps) => {
    const { job } = await advanced(steps)
    const step = analysisSteps[steps] ?? expect.fail()
    expect(await leasesOf(step).claim(job.jobId)).toMatchObject({ kind: 'claimed' })
    expect(await redrive()).toMatchObject({ redriven: 0 })
    await stalled(job)
    expect(await redrive()).toMatchObject({ redriven: 1, failed: [] })
    await staged.follow(await publishCommand())
    await expectCompletedOnce(job)
    expect(calls()).toBe(1)
  })

  it('has all its chances again at the next step', async () => {
    const { job, next } = await advanced(1)
    await parts.database.query('update waste.jobs set redrives = 4, failed_tries = 4 where job_id = $1', [job.jobId])
    await staged.deliver(next)
    expect(await parts.jobRow(job.jobId)).toMatchObject({ redrives: 0, failed_tries: 0 })
  })

  it('between its steps ends when it was queued 26 hours ago, and leaves nothing', async () => {
    const { job, next } = await advanced(2)
    await stalled(job)
    await parts.database.query(`update waste.jobs set queued_at = now() - interval '26 hours 1 minute'`)
    const { failed } = await redrive()
    expect(failed).toMatchObject([{ jobId: job.jobId, state: 'failed', failureReason: 'analysis_expired' }])
    expect(await outputsOf(job)).toEqual([])
    expect(await staged.deliver(next)).toEqual({ status: 204, reply: undefined })
    expect(await resultsOf(job)).toEqual([])
  })

  it.each([0, 1, 2, 3])('ends when five workers have died at its step %i, and not before', async (steps) => {
    const { job } = await advanced(steps)
    const step = analysisSteps[steps] ?? expect.fail()
    for (let died = 0; died < 5; died += 1) {
      expect(await parts.jobRow(job.jobId)).toMatchObject({ finished_at: null, failed_tries: died })
      expect(await leasesOf(step).claim(job.jobId)).toMatchObject({ kind: 'claimed' })
      await stalled(job)
      expect(await redrive()).toMatchObject({ redriven: 1, failed: [] })
    }
    expect(await leasesOf(step).claim(job.jobId)).toMatchObject({ kind: 'not_needed' })
    expect((await redrive()).failed).toMatchObject([{ jobId: job.jobId, failureReason: 'analysis_stalled' }])
    expect(await outputsOf(job)).toEqual([])
  })

  it.each([0, 1, 2, 3])('is late before its step %i, and then goes on only when it is released', async (steps) => {
    const { job, next } = await advanced(steps)
    await parts.database.query(`update waste.jobs set queued_at = now() - interval '6 minutes'`)
    expect(await staged.deliver(next)).toMatchObject({ status: 204, reply: undefined })
    expect(await parts.jobRow(job.jobId)).toMatchObject({ finished_at: null, step: analysisSteps[steps] })
    expect(await redrive()).toMatchObject({ redriven: 1, failed: [] })
    await staged.follow(await publishCommand())
    await expectCompletedOnce(job)
  })
})

describe('a worker of a step', () => {
  it('that has lost its lease finishes nothing, and its heir finishes once', async () => {
    const { job, next } = await advanced(1)
    const leases = leasesOf('identify_item')
    const outputs = createStepOutputs(database(), 'test')
    const zombie = await leases.claim(job.jobId)
    await stalled(job)
    const heir = await leases.claim(job.jobId)
    if (zombie.kind !== 'claimed' || heir.kind !== 'claimed') return expect.fail('Nothing was claimed')
    const known = { classification: classified, model: 'a-model' }
    const finished = {
      output: { found: { answer: known, answeredBy: 'model' as const } },
      nextStep: 'retrieve_rules' as const,
      reply: next,
    }
    expect(await outputs.finish({ job: zombie.job, event: next }, 'identify_item', finished)).toBe(false)
    expect(await outputsOf(job)).toEqual(['prepare_photo'])
    expect(await outputs.finish({ job: heir.job, event: next }, 'identify_item', finished)).toBe(true)
    expect(await outputs.finish({ job: heir.job, event: next }, 'identify_item', finished)).toBe(false)
    expect(await outputsOf(job)).toEqual(['prepare_photo', 'identify_item'])
    expect(await outputs.find(job.jobId, 'identify_item')).toEqual(finished.output)
  })

  it.each(['waste.step_outputs', 'events.inbox'])('hands on no job when %s cannot be written', async (table) => {
    const { job, next } = await advanced(1)
    await parts.database.query(`revoke insert on ${table} from growbin_waste`)
    try {
      expect(await staged.deliver(next)).toEqual({ status: 503, reply: undefined })
    } finally {
      await parts.database.query(`grant insert on ${table} to growbin_waste`)
    }
    expect(await parts.jobRow(job.jobId)).toMatchObject({ state: 'queued', step: 'identify_item', lease_until: null })
    expect(await outputsOf(job)).toEqual(['prepare_photo'])
    await staged.follow(next)
    await expectCompletedOnce(job)
    // What the first delivery has paid for is known to the second.
    expect(calls()).toBe(1)
  })

  it.each([
    ['publishes its reply itself', 202, true],
    ['leaves its reply to the relay while the broker is unavailable', 503, false],
  ])('whose dispatcher has closed the connection %s', async (_, brokerStatus, isSent) => {
    const { job, next } = await advanced(1)
    parts.broker.answer(brokerStatus)
    parts.model.control.set({ latencyMs: 1_500 })
    const server = await runFunction(startIdentifyItem, parts.environment)
    try {
      const gone = new AbortController()
      const { headers, body } = toSignedMessage(next)
      const answer = fetch(server.url, { method: 'POST', headers, body, signal: gone.signal })
      await expect.poll(calls, { timeout: 20_000 }).toBe(1)
      // RabbitMQ delivers again to the next dispatcher, which finds the step in good hands.
      expect(await staged.deliver(next)).toEqual({ status: 204, reply: undefined })
      gone.abort()
      await expect(answer).rejects.toThrow()
      const id = stepEventId(job.jobId, 'retrieve_rules')
      const findReply = async () =>
        (
          await parts.database.query<{ event: JsonCloudEvent; sent: boolean }>(
            'select event, sent_at is not null as sent from events.outbox where event_id = $1',
            [id],
          )
        )[0]
      await expect.poll(async () => (await findReply())?.sent, { timeout: 20_000 }).toBe(isSent)
      expect(parts.broker.events.filter((event) => event.id === id)).toHaveLength(isSent ? 1 : 0)
      await staged.follow((await findReply())?.event ?? expect.fail('There is no reply'))
      await expectCompletedOnce(job)
      expect(calls()).toBe(1)
    } finally {
      parts.broker.answer(202)
      await server.close()
    }
  })

  it('defers its step while the store is unavailable, under its own event', async () => {
    const { job, next } = await advanced(1)
    parts.objects.faults.set({ status: 503 })
    expect(await staged.deliver(next)).toEqual({ status: 204, reply: undefined })
    parts.objects.faults.clear()
    expect(await parts.jobRow(job.jobId)).toMatchObject({ state: 'queued', step: 'identify_item' })
    const command = await publishCommand()
    expect(command).toEqual(next)
    await followToEnd({ parts, staged }, job, command)
    await expectCompletedOnce(job)
  })
})

describe('a person who is deleted', () => {
  const remove = ({ ownerId }: TestJob) => createPersonDeleter({ database: database(), sweep: async () => 0 })(ownerId)

  it.each([0, 1, 2, 3])('before step %i leaves no row, and late events are recorded as of no job', async (steps) => {
    const { job, events } = await advanced(steps)
    await remove(job)
    expect(await outputsOf(job)).toEqual([])
    for (const event of events) expect(await staged.deliver(event)).toEqual({ status: 202, reply: undefined })
    expect(await resultsOf(job)).toEqual([])
    expect(await parts.database.query('select distinct reason from events.dead_letters')).toEqual([
      { reason: 'unknown_job' },
    ])
  })

  it.each(['deleted', 'ended'])('or whose job is %s while the photo is prepared leaves no picture', async (how) => {
    const job = await staged.queuePhoto(photo)
    const writeLate = async () => {
      await parts.store.write(preparedKeyOf(job.objectKey), Buffer.from('picture'), 'image/jpeg')
      if (how === 'deleted') await remove(job)
      else await parts.database.query(endedSql, [job.jobId])
    }
    expect(
      await preparePhoto(preparing(writeLate), {
        jobId: job.jobId,
        event: staged.commandOf(job),
        isAbandoned: () => false,
      }),
    ).toEqual({
      outcome: 'lease_lost',
    })
    expect(await parts.store.exists(preparedKeyOf(job.objectKey))).toBe(false)
    expect(await outputsOf(job)).toEqual([])
  })

  it('or not leaves the picture to the worker that has taken over', async () => {
    const job = await staged.queuePhoto(photo)
    const writeLate = async () => {
      await parts.store.write(preparedKeyOf(job.objectKey), Buffer.from('picture'), 'image/jpeg')
      await stalled(job)
      await leasesOf('prepare_photo').claim(job.jobId)
    }
    expect(
      await preparePhoto(preparing(writeLate), {
        jobId: job.jobId,
        event: staged.commandOf(job),
        isAbandoned: () => false,
      }),
    ).toEqual({
      outcome: 'lease_lost',
    })
    expect(await parts.store.exists(preparedKeyOf(job.objectKey))).toBe(true)
  })

  const endedSql = `update waste.jobs set state = 'failed', failure_reason = 'analysis_stalled', finished_at = now()
    where job_id = $1`
  const preparing = (keepPrepared: PreparePhotoDeps['keepPrepared']): PreparePhotoDeps => ({
    leases: leasesOf('prepare_photo'),
    outputs: createStepOutputs(database(), 'test'),
    sendReply: async () => undefined,
    leaseSeconds: 15,
    workSecondsMax: 30,
    removePhoto: createPhotoRemover(parts.store),
    publishSnapshot: async () => undefined,
    flush: async () => undefined,
    log: silentLog,
    now: () => new Date(),
    usePhoto: (_job, work) => work(photo),
    cache: { findExact: async () => undefined, findSimilar: async () => undefined },
    prepareImage: async () => ({
      ...{ kind: 'prepared', jpeg: Buffer.from('picture'), width: 1, height: 1 },
      ...{ perceptualHash: null, colourGrid: '' },
    }),
    readRules: async () => new Map(),
    keepPrepared,
  })
})

describe('a change of the variant', () => {
  it('leaves a job with the functions that it was queued for', async () => {
    const whole = await parts.queuePhoto(photo)
    const inSteps = await staged.queuePhoto(photo)
    expect(await staged.deliver(staged.commandOf(whole))).toEqual({ status: 204, reply: undefined })
    expect((await parts.deliver(single, inSteps)).status).toBe(204)
    expect(await parts.jobRow(whole.jobId)).toMatchObject({ state: 'queued', fencing_token: 0, step: null })
    expect(await parts.jobRow(inSteps.jobId)).toMatchObject({
      state: 'queued',
      fencing_token: 0,
      step: 'prepare_photo',
    })
    expect((await parts.deliver(single, whole)).status).toBe(204)
    await staged.follow(staged.commandOf(inSteps))
    for (const job of [whole, inSteps]) await expectCompletedOnce(job)
  })

  it('redrives stalled jobs of both variants, each to its own functions', async () => {
    const whole = await parts.queuePhoto(photo)
    const { job: inSteps, next } = await advanced(2)
    for (const job of [whole, inSteps]) await stalled(job)
    expect(await redrive()).toMatchObject({ redriven: 2 })
    const orders = await parts.database.query<{ queue: string }>(
      `select event -> 'extensions' ->> 'queue' as queue from events.outbox order by 1`,
    )
    expect(orders.map(({ queue }) => queue)).toEqual(['ai', next.extensions.queue])
  })
})

it('analyses are counted once, by how they end, in whichever step', async () => {
  const ended = async () => {
    const texts = await Promise.all(
      [...staged.instances.values()].map(async ({ app }) => (await app.request('/metrics')).text()),
    )
    const lines = texts.flatMap((text) => text.split('\n')).filter((line) => line.startsWith('analyses_total{'))
    const sum = (outcome: string) =>
      lines
        .filter((line) => line.includes(`outcome="${outcome}"`))
        .reduce((total, line) => total + Number(line.split(' ').at(-1)), 0)
    return { completed: sum('completed'), failed: sum('failed') }
  }
  const before = await ended()
  await staged.follow(staged.commandOf(await staged.queuePhoto(photo)))
  await staged.follow(staged.commandOf(await staged.queuePhoto(Buffer.from('no image'))))
  parts.model.control.set({ queue: ['refusal'] })
  await redis.flushall()
  await staged.follow(staged.commandOf(await staged.queuePhoto(photo)))
  expect(await ended()).toEqual({ completed: before.completed + 1, failed: before.failed + 2 })
})

it('what a person sees of a job goes forwards through all four steps', async () => {
  const job = await staged.queuePhoto(photo)
  const seen: JobSnapshot[] = []
  const subscriber = new Redis(parts.redis.url)
  try {
    await subscriber.subscribe(`job:${job.jobId}`)
    subscriber.on('message', (_, text: string) => seen.push(JSON.parse(text)))
    await staged.follow(staged.commandOf(job))
    await expect.poll(() => seen.at(-1)?.state, { timeout: 10_000 }).toBe('completed')
  } finally {
    subscriber.disconnect()
  }
  const stages = seen.map(({ stage }) => stage)
  expect([...new Set(stages)]).toEqual(['download', 'lookup', 'prepare', 'vision', 'feedback', 'save', 'done'])
  const progress = seen.map((snapshot) => snapshot.progress)
  expect(progress).toEqual(progress.toSorted((a, b) => a - b))
})

it('the id of a command is a UUID of version 5, another for each step and job', () => {
  const jobs = [randomUUID(), randomUUID()]
  const ids = jobs.flatMap((jobId) => analysisSteps.map((step) => stepEventId(jobId, step)))
  expect(new Set(ids).size).toBe(8)
  for (const id of ids) expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
  // The example of RFC 9562, A.4: "www.example.com" in the namespace of DNS.
  expect(stepEventId('6ba7b810-9dad-11d1-80b4-00c04fd430c8', 'www.example.com' as never)).toBe(
    '2ed6657d-e927-568b-95e1-2665a8aea6a2',
  )
})

const classified = {
  is_waste: true,
  item_name_ko: '건전지',
  item_name_en: 'battery',
  category: 'BATTERY' as const,
  confidence: 0.9,
  conditions: [],
}
