import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { startTestParts, type TestParts } from '../../../scripts/local/testing/test-parts.ts'
import { schedCleanupCacheV1 } from '../../_contracts/events/sched-cleanup-cache.v1.ts'
import { schedCleanupImagesV1 } from '../../_contracts/events/sched-cleanup-images.v1.ts'
import { schedCleanupTickV1 } from '../../_contracts/events/sched-cleanup-tick.v1.ts'
import type { JsonCloudEvent } from '../../_lib/events/cloud-event.ts'
import { createEvent } from '../../_lib/events/event-contract.ts'
import { createResources } from '../../_lib/process/resources.ts'
import { type BrokerStub, startBrokerStub } from '../../_lib/testing/broker-stub.ts'
import { describeEventFunction } from '../../_lib/testing/event-suite.ts'
import { toSignedMessage } from '../../_lib/testing/test-event-keys.ts'
import { createCleanupTurnRedriver } from '../../events/tasks/cleanup-turns.pg.ts'
import { start } from './main.ts'

const resources = createResources()
let opening: Promise<{ parts: TestParts; broker: BrokerStub; environment: Record<string, string> }> | undefined
const open = () => (opening ??= openAll())
beforeAll(open)
afterAll(resources.close)

async function openAll() {
  const parts = resources.add(await startTestParts())
  const broker = resources.add(await startBrokerStub())
  const environment = {
    ...parts.environmentOf('events'),
    AUTH_DATABASE_URL: parts.database.urlOf('auth'),
    LOCATIONS_DATABASE_URL: parts.database.urlOf('locations'),
    WASTE_DATABASE_URL: parts.database.urlOf('waste'),
    BROKER_URL: broker.url,
  }
  return { parts, broker, environment }
}

const commandOf = (
  contract: typeof schedCleanupCacheV1 | typeof schedCleanupImagesV1 = schedCleanupCacheV1,
  dryRun = false,
) =>
  createEvent(
    contract,
    { id: randomUUID(), source: '/growbin/test', subject: 'test', time: new Date(), traceparent: '' },
    { dry_run: dryRun },
  )

async function insertSent(count: number): Promise<string[]> {
  const { parts } = await open()
  const rows = await parts.database.query<{ event_id: string }>(
    `insert into events.outbox (event_id, event, sent_at)
     select gen_random_uuid(), '{}', now() - interval '8 days' from generate_series(1, $1) returning event_id`,
    [count],
  )
  return rows.map((row) => row.event_id)
}

type Run = { run_id: string; turn: number; task: string; dry_run: boolean; removed: object; finished: boolean | null }
async function runsOf(event: Pick<JsonCloudEvent, 'id'>): Promise<Run[]> {
  const { parts } = await open()
  return parts.database.query<Run>(
    'select run_id, turn, task, dry_run, removed, finished from events.cleanup_runs where event_id = $1',
    [event.id],
  )
}
async function countLeft(ids: readonly string[]): Promise<number> {
  const { parts } = await open()
  return (await parts.database.query('select 1 from events.outbox where event_id = any($1)', [ids])).length
}

const leftFor = new Map<string, string[]>()
describeEventFunction({
  name: 'jobs-scheduled-cleanup',
  start,
  environment: async () => (await open()).environment,
  validEvent: async () => {
    const event = commandOf()
    leftFor.set(event.id, await insertSent(2))
    return event
  },
  // Another event may remove the rows of this one, so the effect is how many of its rows are left, and that it ended once.
  effect: async (event) => ({
    left: await countLeft(leftFor.get(event.id) ?? []),
    ended: (await runsOf(event)).map(({ finished }) => finished),
  }),
})

describe('a clean-up', () => {
  async function deliver(event: JsonCloudEvent, overrides: Record<string, string> = {}) {
    const { environment } = await open()
    const { app, close } = await start({ ...environment, LOG_LEVEL: 'fatal', ...overrides })
    try {
      const { status } = await app.request('/', { method: 'POST', ...toSignedMessage(event) })
      return { status, metrics: await (await app.request('/metrics')).text() }
    } finally {
      await close()
    }
  }
  const tick = (data: unknown): JsonCloudEvent => ({
    specversion: '1.0',
    id: randomUUID(),
    source: '/apis/v1/namespaces/messaging/pingsources/jobs-scheduled-cleanup-cache',
    type: schedCleanupTickV1.type,
    datacontenttype: 'application/json',
    data,
    extensions: { queue: 'sched', task: 'cleanup.cache' },
  })

  it('is started by a tick, and reports what it removed in a row and in metrics', async () => {
    await deliver(commandOf())
    await insertSent(3)
    const event = tick({ task: 'cleanup.cache' })
    const { status, metrics } = await deliver(event)
    expect(status).toBe(204)
    expect(metrics).toMatch(/cleanup_removed_total\{[^}]*kind="sent_events"[^}]*\} 3\n/)
    expect(await runsOf(event)).toEqual([
      {
        run_id: expect.any(String),
        turn: 1,
        task: 'cleanup.cache',
        dry_run: false,
        finished: true,
        removed: {
          closed_dead_letters: 0,
          ended_dead_letters: 0,
          open_dead_letters: 0,
          sent_events: 3,
          inbox_notes: 0,
          cleanup_runs: 0,
          batch_runs: 0,
          login_attempts: 0,
          refresh_tokens: 0,
          sessions: 0,
          forgotten_sessions: 0,
          provider_tokens: 0,
          provider_unlinks: 0,
          geocodings: 0,
          known_answers: 0,
          budget_periods: 0,
          cached_bands: 0,
        },
      },
    ])
  })

  it('of images is a separate run with its own steps', async () => {
    const sent = await insertSent(1)
    const event = tick({ task: 'cleanup.images' })
    expect((await deliver(event)).status).toBe(204)
    const removed = { uploads: 0, photos_archived: 0, abandoned_jobs: 0 }
    expect(await runsOf(event)).toMatchObject([{ task: 'cleanup.images', removed, finished: true }])
    const command = commandOf(schedCleanupImagesV1)
    expect((await deliver(command)).status).toBe(204)
    expect(await runsOf(command)).toMatchObject([{ task: 'cleanup.images', removed, finished: true }])
    expect(await countLeft(sent)).toBe(1)
  })

  it('as a dry run reports and removes nothing', async () => {
    await deliver(commandOf())
    const sent = await insertSent(4)
    const event = tick({ task: 'cleanup.cache', dry_run: true })
    const { status, metrics } = await deliver(event)
    expect(status).toBe(204)
    expect(metrics).not.toContain('cleanup_removed_total')
    expect(await runsOf(event)).toMatchObject([{ dry_run: true, removed: { sent_events: 4 }, finished: true }])
    expect(await countLeft(sent)).toBe(4)
  })

  it('of two concurrent ticks removes everything once', async () => {
    await deliver(commandOf())
    const sent = await insertSent(30)
    const ticks = [tick({ task: 'cleanup.cache' }), tick({ task: 'cleanup.cache' })]
    for (const { status } of await Promise.all(ticks.map((one) => deliver(one)))) expect(status).toBe(204)
    const runs = (await Promise.all(ticks.map(runsOf))).flat() as { removed: { sent_events: number } }[]
    expect(runs.reduce((sum, { removed }) => sum + removed.sent_events, 0)).toBe(30)
    expect(await countLeft(sent)).toBe(0)
  })

  it('continues with its own events until nothing is left, with very short turns too', async () => {
    const { broker } = await open()
    await deliver(commandOf())
    const sent = await insertSent(2_500)
    let event = commandOf()
    const { id } = event
    const turns: number[] = []
    for (let next: JsonCloudEvent | undefined = event; next; ) {
      event = next
      const before = broker.events.length
      expect((await deliver(event, { TURN_MS_MAX: '0' })).status).toBe(204)
      // A repeated delivery publishes no second command for the next turn.
      expect((await deliver(event, { TURN_MS_MAX: '0' })).status).toBe(204)
      const commands = broker.events.slice(before)
      expect(commands.length).toBeLessThanOrEqual(1)
      turns.push((await runsOf(event))[0]?.turn ?? 0)
      next = commands[0]
    }
    expect(turns).toEqual(turns.map((_, index) => index + 1))
    expect(turns.length).toBeGreaterThanOrEqual(7)
    expect(await countLeft(sent)).toBe(0)
    const { parts } = await open()
    const [total] = await parts.database.query(
      `select sum((removed ->> 'sent_events')::int)::int as removed, count(*) filter (where finished)::int as finished
       from events.cleanup_runs where run_id = (select run_id from events.cleanup_runs where event_id = $1)`,
      [id],
    )
    expect(total).toEqual({ removed: expect.any(Number), finished: 1 })
    // The commands of the turns are in the outbox too, and too young to expire.
    expect(total?.removed).toBe(2_500)
  })

  it('whose next turn was lost is redriven after five minutes, five times in all, and continues once', async () => {
    const { parts, broker } = await open()
    await deliver(commandOf())
    const sent = await insertSent(2_500)
    const before = broker.events.length
    await deliver(commandOf(), { TURN_MS_MAX: '0' })
    const [lost] = broker.events.slice(before)
    const redrive = createCleanupTurnRedriver(parts.database.openAs('events'))
    const isDue = async () =>
      (await parts.database.query('select from events.outbox where event_id = $1 and sent_at is null', [lost?.id]))
        .length
    const age = (minutes: number) =>
      parts.database.query(`update events.outbox set sent_at = now() - make_interval(mins => $2) where event_id = $1`, [
        lost?.id,
        minutes,
      ])
    await age(4)
    await redrive()
    expect(await isDue()).toBe(0)
    for (const minutes of [6, 11, 21, 41, 81]) {
      await age(minutes)
      await Promise.all([redrive(), redrive()])
      expect([minutes, await isDue()]).toEqual([minutes, 1])
      await age(minutes)
      await redrive()
      expect([minutes, await isDue()]).toEqual([minutes, 0])
    }
    await age(100_000)
    await redrive()
    expect(await isDue()).toBe(0)

    await parts.database.query('update events.outbox set asked_again = 0 where event_id = $1', [lost?.id])
    await redrive()
    expect(await isDue()).toBe(1)
    for (const _ of ['once', 'twice']) expect((await deliver(lost as JsonCloudEvent)).status).toBe(204)
    expect(await countLeft(sent)).toBe(0)
    expect(await runsOf(lost as JsonCloudEvent)).toMatchObject([{ turn: 2, finished: true }])
    await age(100_000)
    await redrive()
    expect(await isDue()).toBe(0)
  })

  it('leaves its next turn to the relay when the broker is unavailable', async () => {
    const { parts } = await open()
    const event = commandOf()
    const { status } = await deliver(event, { TURN_MS_MAX: '0', BROKER_URL: 'http://127.0.0.1:1/' })
    expect(status).toBe(204)
    expect(
      await parts.database.query(
        `select event ->> 'type' as type from events.outbox where sent_at is null
         and event ->> 'subject' = (select run_id::text from events.cleanup_runs where event_id = $1)`,
        [event.id],
      ),
    ).toEqual([{ type: schedCleanupCacheV1.type }])
  })

  it('does the other steps while Redis is unavailable, keeps its counts, and ends when Redis is back', async () => {
    await deliver(commandOf())
    await insertSent(5)
    const event = commandOf()
    const { status } = await deliver(event, { REDIS_URL: 'redis://127.0.0.1:1' })
    expect(status).toBe(503)
    expect(await runsOf(event)).toMatchObject([{ finished: null, removed: { sent_events: 5 } }])
    expect((await deliver(event)).status).toBe(204)
    expect(await runsOf(event)).toMatchObject([{ finished: true, removed: { sent_events: 5, cached_bands: 0 } }])
  })

  it('answers 503 while another delivery of the same event is at work', async () => {
    const { parts } = await open()
    const event = commandOf()
    await parts.database.openAs('events').transaction(async (tx) => {
      const lockName = `cleanup_runs ${event.source} ${event.id}`
      await tx.execute(`select pg_advisory_xact_lock(hashtextextended('${lockName}', 0))`)
      expect((await deliver(event)).status).toBe(503)
    })
    await vi.waitFor(async () => expect((await deliver(event)).status).toBe(204))
  })

  it('rejects an unknown task', async () => {
    expect((await deliver(tick({ task: 'cleanup.everything' }))).status).toBe(202)
  })
})
