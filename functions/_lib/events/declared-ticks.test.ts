import { expect, test } from 'vitest'
import type { JsonCloudEvent } from './cloud-event.ts'
import { createTickCheck } from './declared-ticks.ts'

const schedule = { name: 'cache', cron: '0 * * * *', body: { task: 'cleanup.cache', deep: { b: 1, a: 2 } } }
const queued = { queue: 'sched', retries: 2, backoff: 'PT1S', timeoutSeconds: 5, schedules: [schedule] } as const
const isDeclared = createTickCheck({ name: 'jobs-scheduled-cleanup', trigger: queued })
const tick: JsonCloudEvent = {
  specversion: '1.0',
  id: '1',
  source: '/apis/v1/namespaces/messaging/pingsources/jobs-scheduled-cleanup-cache',
  type: 'dev.knative.sources.ping',
  time: '2026-11-21T00:00:00Z',
  datacontenttype: 'application/json',
  data: { deep: { a: 2, b: 1 }, task: 'cleanup.cache' },
  extensions: {
    queue: 'sched',
    schedule: 'cache',
    task: 'cleanup.cache',
    traceparent: 'any',
    knativearrivaltime: 'now',
  },
}

test('a tick is accepted as its cron source sends it, with any attributes that hops have added', () => {
  expect(isDeclared(tick)).toBe(true)
})

test.each<[string, Partial<JsonCloudEvent>]>([
  ['more data', { data: { ...schedule.body, dry_run: true } }],
  ['other data', { data: { ...schedule.body, task: 'cleanup.images' } }],
  ['no data', { data: undefined }],
  ['half of a surrogate pair', { data: '\ud800' }],
  ['another source', { source: `${tick.source}-2` }],
  ['another type', { type: 'app.growbin.sched.cleanup.cache.v1' }],
  ['another schedule', { extensions: { ...tick.extensions, schedule: 'images' } }],
  ['another queue', { extensions: { ...tick.extensions, queue: 'batch' } }],
  ['a subject', { subject: 'x' }],
])('a tick with %s is not', (_, change) => {
  expect(isDeclared({ ...tick, ...change })).toBe(false)
})

test('a function takes no tick of another function, and one without schedules takes none', () => {
  const { schedules: _, ...without } = queued
  expect(createTickCheck({ name: 'jobs-other', trigger: queued })(tick)).toBe(false)
  expect(createTickCheck({ name: 'jobs-scheduled-cleanup', trigger: without })(tick)).toBe(false)
  expect(createTickCheck({ name: 'jobs-scheduled-cleanup', trigger: { routes: [] } })(tick)).toBe(false)
})

test('a cron source that posts straight to its function is one of its own domain', () => {
  const relay = createTickCheck({
    name: 'events-relay',
    trigger: { schedules: [{ ...schedule, name: 'events-relay' }] },
  })
  const source = '/apis/v1/namespaces/events/pingsources/events-relay'
  expect(relay({ ...tick, source, extensions: { schedule: 'events-relay' } })).toBe(true)
})
