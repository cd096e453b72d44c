import { expect, test } from 'vitest'
import * as z from 'zod'
import { schedCleanupCacheV1 as scheduled } from '../../functions/_contracts/events/sched-cleanup-cache.v1.ts'
import { pingType } from '../../functions/_lib/events/event-contract.ts'
import type { FunctionSpec } from '../../functions/_lib/process/function-spec.ts'
import { variable } from '../../functions/_lib/variables/variable.ts'
import { cronSpec, httpSpec, loaded, queueSpec, scheduledSpec } from './example-specs.ts'
import { assertValidSpecs, findSpecProblems } from './validate-specs.ts'

const text = z.string()
const problemsOf = (spec: FunctionSpec) => findSpecProblems(loaded(spec)).join('\n')

test('a variable that the cluster does not set may be optional, or have a default', () => {
  const variables = { LOG_LEVEL: variable(text.default('info')), REVISION: variable(text.optional()) }
  expect(findSpecProblems(loaded({ ...httpSpec, variables }))).toEqual([])
})

test('the examples have no problem', () => {
  expect(findSpecProblems(loaded(httpSpec, queueSpec, cronSpec, scheduledSpec))).toEqual([])
})

const refused: [string, FunctionSpec, string][] = [
  ['a name without a domain', { ...httpSpec, name: 'presign' }, 'the name "presign" is not "<domain>-<operation>"'],
  ['capitals in a name', { ...httpSpec, name: 'waste-Presign' }, 'the name "waste-Presign"'],
  ['a name too long for an annotation', { ...httpSpec, name: `waste-${'a'.repeat(40)}` }, 'longer than 40'],
  [
    'a deadline in which no function can drain',
    { ...httpSpec, timeoutSeconds: 30 },
    'timeoutSeconds is 30; expected 45 to 600',
  ],
  ['a deadline beyond the cluster', { ...httpSpec, timeoutSeconds: 601 }, 'timeoutSeconds is 601'],
  ['a deadline that is no whole number', { ...httpSpec, timeoutSeconds: 60.5 }, 'whole numbers'],
  ['an empty scale', { ...httpSpec, scale: { min: 5, max: 4, concurrency: 0 } }, 'scale 5 to 4 is empty'],
  ['more concurrency than Knative takes', { ...httpSpec, scale: { min: 0, max: 4, concurrency: 1001 } }, 'over 1000'],
  ['no route', { ...httpSpec, trigger: { routes: [] } }, 'no route'],
  [
    'a route of the platform',
    { ...httpSpec, trigger: { routes: [{ method: 'GET', path: '/healthz' }] } },
    'belongs to the platform',
  ],
  [
    'a route with a wildcard',
    { ...httpSpec, trigger: { routes: [{ method: 'GET', path: '/api/*' }] } },
    'is not a path of names',
  ],
  [
    'a route for operators beside others',
    {
      ...httpSpec,
      variables: { OPERATOR_NETWORKS: variable(text, { value: '[]' }) },
      trigger: {
        routes: [...httpSpec.trigger.routes, { method: 'GET', path: '/api/v1/operations', access: 'operator' }],
      },
    },
    'need a function of their own',
  ],
  [
    'a route for operators without their networks',
    { ...httpSpec, trigger: { routes: [{ method: 'GET', path: '/api/v1/operations', access: 'operator' }] } },
    'need a value of "OPERATOR_NETWORKS"',
  ],
  ['a queue without a limit', { ...queueSpec, scale: { min: 0, max: 3, concurrency: 0 } }, 'needs a hard limit'],
  [
    'fewer slots than deliveries',
    { ...queueSpec, scale: { min: 0, max: 3, concurrency: 33 } },
    '99 slots, fewer than the 100',
  ],
  [
    'a delivery longer than the function',
    { ...queueSpec, trigger: { ...queueSpec.trigger, timeoutSeconds: 61 } },
    'waits 61 s',
  ],
  [
    'a schedule of four fields',
    { ...cronSpec, trigger: { schedules: [{ name: 'x', cron: '* * * *', body: {} }] } },
    'has not 5 or 6 fields',
  ],
  [
    'an impossible hour',
    { ...cronSpec, trigger: { schedules: [{ name: 'x', cron: '0 25 * * *', body: {} }] } },
    'is no cron expression',
  ],
  [
    'a schedule name with capitals',
    { ...cronSpec, trigger: { schedules: [{ name: 'Outbox', cron: '0 2 * * *', body: {} }] } },
    'the schedule name "Outbox"',
  ],
  [
    'an impossible hour of a queue',
    {
      ...scheduledSpec,
      trigger: { ...scheduledSpec.trigger, schedules: [{ name: 'x', cron: '0 25 * * *', body: {} }] },
    },
    'is no cron expression',
  ],
  [
    'a schedule for the dead letters, which are on another broker',
    {
      ...scheduledSpec,
      trigger: { ...scheduledSpec.trigger, queue: 'dlq' },
    },
    'queue "dlq" takes no schedules',
  ],
  [
    'a variable of the platform',
    { ...httpSpec, variables: { PORT: variable(text, { value: '1' }) } },
    '"PORT" is set by the platform',
  ],
  [
    'a variable in lower case',
    { ...httpSpec, variables: { port: variable(text, { value: '1' }) } },
    '"port" is not in capitals',
  ],
  [
    'a variable without a default that the cluster does not set',
    { ...httpSpec, variables: { API_KEY: variable(text) } },
    '"API_KEY" is required, and has no source in the cluster',
  ],
  [
    'an event of another queue',
    { ...queueSpec, handles: [scheduled] },
    'of the queue "sched", and takes the queue "ai"',
  ],
  ['an event that is handled twice', { ...scheduledSpec, handles: [scheduled, scheduled] }, 'twice'],
  ['an event for a function of requests', { ...httpSpec, handles: [scheduled] }, 'cannot handle events'],
  [
    'a tick that a function publishes',
    { ...httpSpec, publishes: [{ ...scheduled, type: pingType }] },
    'publishes a tick, which only cron sources send',
  ],
]

test.each(refused)('refuses %s', (_, spec, message) => {
  expect(problemsOf(spec)).toContain(message)
})

test('refuses a folder that is not the name', () => {
  expect(findSpecProblems([{ spec: httpSpec, source: 'functions/waste/other/function.ts' }])).toEqual([
    'functions/waste/other/function.ts: the name "waste-presign" belongs in the folder "functions/waste/presign"',
  ])
})

test('refuses a route that differs from a taken one only in the name of its parameter', () => {
  const route = (name: string, path: `/${string}`): FunctionSpec => ({
    ...httpSpec,
    name,
    trigger: { routes: [{ method: 'GET', path }] },
  })
  expect(findSpecProblems(loaded(route('waste-status', '/waste/:id'), route('waste-other', '/waste/:job_id')))).toEqual(
    ['route "GET /waste/*" is taken twice: functions/waste/status/function.ts and functions/waste/other/function.ts'],
  )
})

test('refuses a second function on one queue', () => {
  expect(findSpecProblems(loaded(queueSpec, { ...queueSpec, name: 'chat-other' })).join()).toContain(
    'queue "ai" is taken twice',
  )
})

test('a lighter queue may not ask for more of the processors than a heavier one', () => {
  const light = { ...scheduledSpec, resources: { ...queueSpec.resources, cpuMillis: 1000 } }
  expect(findSpecProblems(loaded(queueSpec, light)).join('\n')).toMatch(/asks for .* m of processors in all, more than/)
})

test('tells every problem at once', () => {
  expect(() =>
    assertValidSpecs(loaded({ ...queueSpec, timeoutSeconds: 1, variables: { port: variable(text, { value: '' }) } })),
  ).toThrow(/have 3 problem\(s\)/)
})
