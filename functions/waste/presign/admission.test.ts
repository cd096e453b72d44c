import { randomUUID } from 'node:crypto'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type LocalWasteServers, startWasteServers } from '../../../scripts/local/testing/waste-servers.ts'
import type { FunctionInstance } from '../../_lib/process/serve.ts'
import { expectProblem } from '../../_lib/testing/expect-problem.ts'
import { startWasteParts, type WasteParts } from '../testing/waste-parts.ts'
import {
  type AdmissionLimits,
  alwaysAdmitted,
  assessBacklog,
  type Backlog,
  createAdmission,
  retryAfterSecondsMax,
} from './admission.ts'
import { createBacklogReader } from './backlog.pg.ts'
import { start } from './main.ts'

const limits: AdmissionLimits = { waitingMax: 4_500, waitSecondsMax: 240, perSecondExpected: 1.5 }
const idle: Backlog = {
  waiting: 0,
  late: 0,
  uploading: 0,
  opened: 0,
  oldestSeconds: 0,
  endedInTenSeconds: 0,
  endedInAMinute: 0,
}

describe('assessBacklog', () => {
  it.each<[string, Partial<Backlog>, number]>([
    ['nothing waits', {}, 0],
    ['a few wait and nothing ends', { waiting: alwaysAdmitted - 1, oldestSeconds: 300 }, 0],
    ['more wait and nothing has ended for a minute', { waiting: alwaysAdmitted, oldestSeconds: 60 }, 60],
    ['a burst has only begun', { waiting: 359, oldestSeconds: 5 }, 0],
    ['a burst is more than what is expected to end in time', { waiting: 360, oldestSeconds: 5 }, 1],
    ['the last seconds were better than expected', { waiting: 2_000, oldestSeconds: 20, endedInTenSeconds: 100 }, 0],
    [
      'the last seconds show 10 a second, and 2400 wait',
      { waiting: 2_400, oldestSeconds: 20, endedInTenSeconds: 100 },
      1,
    ],
    ['a minute of work shows 10 a second', { waiting: 2_399, oldestSeconds: 90, endedInAMinute: 600 }, 0],
    [
      'a minute of work shows 10 a second, and 2400 wait',
      { waiting: 2_400, oldestSeconds: 90, endedInAMinute: 600 },
      1,
    ],
    ['600 too many wait at 10 a second', { waiting: 2_999, oldestSeconds: 90, endedInAMinute: 600 }, 60],
    [
      'the last seconds of a minute of work were better',
      { waiting: 400, oldestSeconds: 61, endedInTenSeconds: 100, endedInAMinute: 60 },
      60,
    ],
    ['fifty wait since an outage, and nothing is done', { late: 50 }, 60],
    ['they are being worked at, and let new ones pass', { late: 500, endedInAMinute: 1 }, 0],
    ['the queue is as long as it may be, however fast work ends', { waiting: 4_500, endedInTenSeconds: 10_000 }, 1],
  ])('when %s', (_, backlog, seconds) => {
    expect(assessBacklog({ ...idle, ...backlog }, limits)).toEqual({ firstSeconds: seconds, furtherSeconds: seconds })
  })

  it('never admits what would wait longer than the limit, and always says when to come back', () => {
    const count = fc.integer({ min: 0, max: 10_000 })
    fc.assert(
      fc.property(count, count, count, count, fc.double({ min: 0, max: 1_000, noNaN: true }), (...drawn) => {
        const [waiting, uploading, endedInTenSeconds, endedInAMinute, oldestSeconds] = drawn
        const { firstSeconds: seconds } = assessBacklog(
          { waiting, late: 0, uploading, opened: 0, endedInTenSeconds, endedInAMinute, oldestSeconds },
          limits,
        )
        if (seconds > 0) return Number.isInteger(seconds) && seconds <= retryAfterSecondsMax
        const measured = oldestSeconds >= 60
        const expected = waiting + uploading
        const waitSeconds = expected / (endedInAMinute / 60)
        return expected < alwaysAdmitted || (expected < 4_500 && (!measured || waitSeconds < 240))
      }),
    )
  })

  it('keeps below a limit that is smaller than what is always admitted', () => {
    expect(assessBacklog({ ...idle, waiting: 2 }, { ...limits, waitingMax: 3 }).firstSeconds).toBe(0)
    expect(assessBacklog({ ...idle, waiting: 3 }, { ...limits, waitingMax: 3 }).firstSeconds).toBe(1)
  })
})

it('refuses further jobs of those who have one before the first ones of others', () => {
  const backlog = { ...idle, waiting: 100, uploading: 70, opened: 350 }
  expect(assessBacklog(backlog, limits)).toEqual({ firstSeconds: 0, furtherSeconds: 60 })
})

describe('createAdmission', () => {
  function arrange(backlog: Partial<Backlog>) {
    let counts = 0
    let nowMs = 1_000
    let answer: () => Promise<Backlog> = async () => ({ ...idle, ...backlog })
    const admit = createAdmission({
      readBacklog: () => {
        counts += 1
        return answer()
      },
      limits: { ...limits, waitingMax: 100 },
      nowMs: () => nowMs,
      random: () => 1,
    })
    return {
      admit,
      counts: () => counts,
      passMs: (ms: number) => {
        nowMs += ms
      },
      answer: (next: () => Promise<Backlog>) => {
        answer = next
      },
    }
  }
  const outcomeOf = (admit: ReturnType<typeof createAdmission>) =>
    admit().then(
      ({ firstSeconds }) => (firstSeconds === 0 ? 'admitted' : firstSeconds),
      (error: unknown) => error,
    )

  it('counts once for all requests of a quarter of a second, and adds those admitted since', async () => {
    const { admit, counts } = arrange({ waiting: 97 })
    const outcomes = await Promise.all(Array.from({ length: 10 }, () => outcomeOf(admit)))
    expect(outcomes.filter((outcome) => outcome === 'admitted')).toHaveLength(3)
    expect(counts()).toBe(1)
  })

  it('spreads when those refused come back', async () => {
    const { admit } = arrange({ waiting: 103 })
    // Four too many, at 1.5 a second: 3 s, and half as long again.
    expect(await outcomeOf(admit)).toBe(5)
  })

  it('counts again after a quarter of a second without keeping anybody waiting', async () => {
    const { admit, counts, passMs, answer } = arrange({ waiting: 0 })
    await admit()
    passMs(250)
    let finish: (backlog: Backlog) => void = () => undefined
    answer(() => new Promise((resolve) => (finish = resolve)))
    expect(await outcomeOf(admit)).toBe('admitted')
    expect(counts()).toBe(2)
    finish({ ...idle, waiting: 100 })
    await new Promise(setImmediate)
    expect(await outcomeOf(admit)).toEqual(expect.any(Number))
  })

  it('does not count those twice that a newer count knows', async () => {
    const { admit, passMs, answer } = arrange({ waiting: 98 })
    await admit()
    await admit()
    passMs(250)
    answer(async () => ({ ...idle, waiting: 99 }))
    expect(await outcomeOf(admit)).toEqual(expect.any(Number))
    await new Promise(setImmediate)
    expect(await outcomeOf(admit)).toBe('admitted')
  })

  it('uses no count of over two seconds, and says so when none can be made', async () => {
    const { admit, passMs, answer } = arrange({ waiting: 0 })
    await admit()
    answer(() => Promise.reject(new Error('PostgreSQL is unavailable')))
    passMs(1_999)
    expect(await outcomeOf(admit)).toBe('admitted')
    await new Promise(setImmediate)
    passMs(1)
    expect(await outcomeOf(admit)).toEqual(new Error('PostgreSQL is unavailable'))
  })
})

describe('on PostgreSQL', () => {
  let parts: WasteParts<LocalWasteServers>
  beforeAll(async () => {
    parts = await startWasteServers().then(startWasteParts)
  })
  afterAll(() => parts?.close())

  const ended = (seconds: number) =>
    parts
      .insertJob({ state: 'queued' })
      .then(({ jobId }) =>
        parts.database.query(
          `update waste.jobs set state = 'completed', finished_at = now() - make_interval(secs => $2) where job_id = $1`,
          [jobId, seconds],
        ),
      )

  /** Opened so long ago by one person, whose photos are still to come. */
  const opened = async (secondsAgo: number, owner_id: string = randomUUID(), slots = [1]) => {
    for (const slot of slots) {
      const { jobId } = await parts.insertJob({ state: 'created', owner_id, slot })
      await parts.database.query(
        'update waste.jobs set created_at = now() - make_interval(secs => $2) where job_id = $1',
        [jobId, secondsAgo],
      )
    }
    return owner_id
  }
  const askAt = async (
    instance: FunctionInstance,
    userId: string = randomUUID(),
    headers: Record<string, string> = {},
  ) =>
    instance.app.request('/api/v1/waste/analyze', {
      method: 'POST',
      headers: {
        authorization: `Bearer ${await parts.tokenOf(userId)}`,
        'content-type': 'application/json',
        'accept-language': 'en',
        ...headers,
      },
      body: JSON.stringify({ content_type: 'image/jpeg', content_length: 1000 }),
    })

  it('counts what has a photo and has not ended, who is about to send one, and what has ended lately', async () => {
    await opened(1)
    await opened(29, randomUUID(), [1, 2, 3, 4, 5])
    await opened(31)
    const again = await opened(31)
    await opened(1, again, [2])
    await parts.insertJob({ state: 'queued', queued_seconds: -30 })
    await parts.insertJob({ state: 'processing', queued_seconds: -50, lease_seconds: 10 })
    await parts.insertJob({ state: 'queued', queued_seconds: -301 })
    for (const seconds of [1, 9, 11, 59, 61]) await ended(seconds)
    const backlog = await createBacklogReader(parts.database.openAs('waste'))()
    expect(backlog).toEqual({
      waiting: 2,
      late: 1,
      uploading: 2,
      opened: 7,
      oldestSeconds: expect.closeTo(50, -1),
      endedInTenSeconds: 2,
      endedInAMinute: 4,
    })
  })

  it.each([
    ['just now', [0]],
    ['a while ago', [31]],
    ['one by one, every half minute', [0, 31, 61, 91, 121]],
  ])('seventy people who open all they can %s and send nothing refuse nobody', async (_, ages) => {
    await parts.database.query('delete from waste.jobs')
    // Some honest work, so that it is a matter of how much there is.
    for (let waiting = 0; waiting < 60; waiting += 1) {
      await parts.insertJob({ state: 'queued', queued_seconds: -waiting / 10 })
    }
    await parts.database.query(
      `insert into waste.jobs (job_id, owner_id, state, slot, content_type, content_length, object_key, locale, event_id,
         traceparent, created_at, upload_expires_at)
       select gen_random_uuid(), owner_id, 'created', slot, 'image/jpeg', 1000, 'x', 'ko', gen_random_uuid(), '',
         now() - make_interval(secs => ages[1 + (slot - 1) % cardinality(ages)]), now() + interval '150 seconds'
       from (select gen_random_uuid() as owner_id from generate_series(1, 70)) as people, generate_series(1, 5) as slot,
         (select $1::float8[] as ages) as waves`,
      [ages],
    )
    const instance = await parts.start(start)
    expect((await askAt(instance)).status).toBe(201)
  })

  it('people who are about to send a photo are counted, so that a burst is not let in as a whole', async () => {
    await parts.database.query('delete from waste.jobs')
    for (let uploading = 0; uploading < 20; uploading += 1) await opened(1)
    const instance = await parts.start(start, { ANALYSES_WAITING_MAX: '20' })
    expect((await expectProblem(await askAt(instance), 503)).reason).toBe('too_many_waiting')
  })

  it('of a crowd that sends several photos each, everybody is let in once before anybody is twice', async () => {
    await parts.database.query('delete from waste.jobs')
    const instance = await parts.start(start, { ANALYSES_WAITING_MAX: '20' })
    const people = Array.from({ length: 10 }, () => randomUUID())
    const statuses: number[] = []
    for (let photo = 0; photo < 5; photo += 1) {
      for (const person of people) statuses.push((await askAt(instance, person)).status)
    }
    expect(statuses).toEqual([...Array(20).fill(201), ...Array(30).fill(503)])
    // Until the next count, at most 250 ms away, the instance takes each job that it admitted for a person of its own.
    await expect.poll(async () => (await askAt(instance)).status, { timeout: 5_000 }).toBe(201)
  })

  it('keeps to the limit when several processes are asked at once, each of which has counted none yet', async () => {
    await parts.database.query('delete from waste.jobs')
    const instances = await Promise.all([0, 1, 2, 3].map(() => parts.start(start, { ANALYSES_WAITING_MAX: '20' })))
    const responses = await Promise.all(
      instances.flatMap(({ app }) =>
        Array.from({ length: 30 }, async () =>
          app.request('/api/v1/waste/analyze', {
            method: 'POST',
            headers: {
              authorization: `Bearer ${await parts.tokenOf(randomUUID())}`,
              'content-type': 'application/json',
            },
            body: JSON.stringify({ content_type: 'image/jpeg', content_length: 1000 }),
          }),
        ),
      ),
    )
    const statuses = responses.map(({ status }) => status)
    const rows = await parts.database.query('select from waste.jobs')
    expect(statuses.filter((status) => status === 201)).toHaveLength(rows.length)
    expect(new Set(statuses)).toEqual(new Set([201, 503]))
    expect(responses.every((response) => response.status === 201 || response.headers.has('retry-after'))).toBe(true)
    expect(rows.length).toBeGreaterThanOrEqual(20)
    // Four processes with ten connections each write no more than that at the same moment.
    expect(rows.length).toBeLessThan(20 + 40)
  })

  it('refuses an opening with 503 while the queue is full, admits again when one has ended, and counts no refusal as an analysis of the day', async () => {
    await parts.database.query('delete from waste.jobs')
    const instance = await parts.start(start, { ANALYSES_WAITING_MAX: '2', ANALYSES_PER_DAY_MAX: '3' })
    const [first, second, third] = [randomUUID(), randomUUID(), randomUUID()]
    const key = { 'idempotency-key': randomUUID() }
    const ask = () => askAt(instance, third)
    expect([(await askAt(instance, first, key)).status, (await askAt(instance, second)).status]).toEqual([201, 201])
    for (let times = 0; times < 3; times += 1) {
      const refused = await ask()
      const problem = await expectProblem(refused, 503)
      expect(problem).toMatchObject({
        reason: 'too_many_waiting',
        detail: 'Too many photos are waiting for their analysis. Please try again shortly.',
      })
      expect(Number(refused.headers.get('retry-after'))).toBeGreaterThanOrEqual(1)
    }
    expect(await parts.database.query('select from waste.jobs')).toHaveLength(2)
    // A person who has a slot keeps it.
    expect((await askAt(instance, first, key)).status).toBe(201)
    expect((await askAt(instance, first, { 'idempotency-key': randomUUID() })).status).toBe(503)
    await parts.database.query('delete from waste.jobs where owner_id = $1', [second])
    await expect.poll(async () => (await ask()).status, { timeout: 20_000 }).toBe(201)
  })
})
