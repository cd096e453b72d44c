import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import { readLocalDeployment } from '../../../scripts/local/platform/deployment/read-local-deployment.ts'
import { startCronSources } from '../../../scripts/local/platform/events/cron-sources.ts'
import { startRedisServer } from '../../../scripts/local/servers/redis-server/start-redis-server.ts'
import { createTestDatabase, type TestDatabase } from '../../../scripts/local/testing/test-database.ts'
import type { JsonCloudEvent } from '../../_lib/events/cloud-event.ts'
import { createResources } from '../../_lib/process/resources.ts'
import { type BrokerStub, startBrokerStub } from '../../_lib/testing/broker-stub.ts'
import { describeEventFunction } from '../../_lib/testing/event-suite.ts'
import { runFunction } from '../../_lib/testing/run-function.ts'
import { toSignedMessage } from '../../_lib/testing/test-event-keys.ts'
import { start } from './main.ts'

const resources = createResources()
let database: TestDatabase
let broker: BrokerStub
let made: Promise<Record<string, string>> | undefined
const environment = () => (made ??= open())
beforeAll(environment)
afterAll(resources.close)

async function open(): Promise<Record<string, string>> {
  database = resources.add(await createTestDatabase())
  broker = resources.add(await startBrokerStub())
  const redis = resources.add(await startRedisServer())
  return {
    BROKER_URL: broker.url,
    DATABASE_URL: database.urlOf('events'),
    USERS_DATABASE_URL: database.urlOf('users'),
    AUTH_DATABASE_URL: database.urlOf('auth'),
    LOCATIONS_DATABASE_URL: database.urlOf('locations'),
    WASTE_DATABASE_URL: database.urlOf('waste'),
    REDIS_URL: redis.url,
  }
}

const tick = (task: 'relay' | 'redrive' = 'relay'): JsonCloudEvent => ({
  specversion: '1.0',
  id: randomUUID(),
  source: '/apis/v1/namespaces/events/pingsources/events-relay',
  type: 'dev.knative.sources.ping',
  datacontenttype: 'application/json',
  data: { task },
  extensions: { schedule: 'events-relay' },
})

/** Leaves events in the outbox, as a crash after the commit does. */
async function leaveBehind(count: number): Promise<string[]> {
  const rows = await database.query<{ event_id: string }>(
    `insert into events.outbox (event_id, event)
     select id, jsonb_build_object('specversion', '1.0', 'id', id, 'source', '/growbin/test', 'type',
       'app.growbin.ai.image.analyze.v1', 'datacontenttype', 'application/json', 'data', jsonb_build_object('text', repeat('x', 1000)),
       'extensions', jsonb_build_object('queue', 'ai'))
     from (select gen_random_uuid() as id from generate_series(1, $1)) as made returning event_id`,
    [count],
  )
  return rows.map((row) => row.event_id)
}

const leftFor = new Map<string, string>()
describeEventFunction({
  name: 'events-relay',
  start,
  environment,
  validEvent: async () => {
    const event = tick()
    const [left] = await leaveBehind(1)
    if (left) leftFor.set(event.id, left)
    return event
  },
  // A tick publishes everything that is due; this event must leave exactly once.
  effect: async (event) => broker.events.filter(({ id }) => id === leftFor.get(event.id)).length,
})

it('drains an outbox of 2 000 events in one run, with at most 50 concurrent requests', async () => {
  const running = await runFunction(start, await environment())
  const left = await leaveBehind(2_000)
  let atOnce = 0
  let atOnceMax = 0
  broker.onEvent(async () => {
    atOnce += 1
    atOnceMax = Math.max(atOnceMax, atOnce)
    await new Promise((resolve) => setImmediate(resolve))
    atOnce -= 1
  })
  const response = await fetch(running.url, { method: 'POST', ...toSignedMessage(tick()) })
  const metrics = await (await fetch(`${running.url}/metrics`)).text()
  await running.close()
  broker.onEvent(undefined)
  expect(response.status).toBe(204)
  const published = broker.events.map(({ id }) => id)
  expect(published.slice(-2_000).sort()).toEqual(left.sort())
  expect(atOnceMax).toBeLessThanOrEqual(50)
  expect(metrics).toMatch(/relay_total\{[^}]*outcome="sent"[^}]*\} 2000\n/)
  expect(await database.query('select 1 from events.outbox where sent_at is null')).toEqual([])
})

it('accepts a tick of the local cron source like one of Knative', async () => {
  const running = await runFunction(start, await environment())
  const [left] = await leaveBehind(1)
  const failedTicks: object[] = []
  const { pingSources } = await readLocalDeployment('single')
  const ours = pingSources.filter(({ sink }) => 'service' in sink && sink.service === 'events-relay')
  expect(ours).toHaveLength(2)
  const sources = startCronSources({
    sources: ours.map((source) => ({ ...source, schedule: '* * * * * *' })),
    urlOf: () => running.url,
    log: (message, fields) => void failedTicks.push({ message, ...fields }),
  })
  await expect.poll(() => broker.events.some(({ id }) => id === left), { timeout: 10_000 }).toBe(true)
  await sources.close()
  const metrics = await (await fetch(`${running.url}/metrics`)).text()
  await running.close()
  expect(failedTicks).toEqual([])
  expect(metrics).toMatch(/events_handled_total\{[^}]*type="dev\.knative\.sources\.ping"[^}]*\} [1-9]/)
  expect(metrics).not.toMatch(/events_(?:rejected|failed)_total/)
})

it('writes the command of a stalled job again with one tick, and publishes it with the next', async () => {
  const running = await runFunction(start, await environment())
  const eventId = randomUUID()
  await database.query(
    `insert into waste.jobs (job_id, owner_id, state, stage, slot, content_type, content_length, object_key, locale, event_id,
       traceparent, upload_expires_at, queued_at, updated_at)
     values (gen_random_uuid(), gen_random_uuid(), 'queued', 'queued', 1, 'image/jpeg', 1000, 'key', 'ko', $1, $2, now(),
       now() - interval '2 minutes', now() - interval '2 minutes')`,
    [eventId, `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`],
  )
  for (const task of ['redrive', 'relay'] as const) {
    const { headers, body } = toSignedMessage(tick(task))
    expect((await fetch(running.url, { method: 'POST', headers, body })).status).toBe(204)
  }
  const metrics = await (await fetch(`${running.url}/metrics`)).text()
  await running.close()
  expect(broker.events.filter(({ id }) => id === eventId)).toMatchObject([
    { type: 'app.growbin.ai.image.analyze.v1', extensions: { queue: 'ai', redrives: '1' } },
  ])
  expect(metrics).toMatch(/redrive_total\{[^}]*outcome="redriven"[^}]*\} 1\n/)
})

it('counts the days that have new analyses', async () => {
  const running = await runFunction(start, await environment())
  const [{ user_id: userId } = { user_id: '' }] = await database.query<{ user_id: string }>(
    `with job as (
       insert into waste.jobs (job_id, owner_id, state, slot, content_type, content_length, object_key, locale, event_id,
         traceparent, upload_expires_at, finished_at)
       values (gen_random_uuid(), gen_random_uuid(), 'completed', 1, 'image/jpeg', 1000, 'key', 'ko', gen_random_uuid(), '', now(), now())
       returning job_id, owner_id
     )
     insert into waste.results (job_id, owner_id, waste_type, category, recyclable, confidence, item_name, feedback,
       disposal_steps, nearby_bins, answered_by, model, image_sha256)
     select job_id, owner_id, 'paper', 'PAPER', true, 0.9, '신문지', '', '[]', '[]', 'model', 'test', '' from job
     returning owner_id as user_id`,
  )
  try {
    // An open transaction elsewhere on this server can delay the newest changes for a moment.
    await vi.waitFor(async () => {
      await database.query(`update users.aggregation set due_at = '-infinity'`)
      const { headers, body } = toSignedMessage(tick('redrive'))
      expect((await fetch(running.url, { method: 'POST', headers, body })).status).toBe(204)
      expect(await database.query('select analyses from users.daily_counts where user_id = $1', [userId])).toEqual([
        { analyses: 1 },
      ])
    })
  } finally {
    await running.close()
  }
})
