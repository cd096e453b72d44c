import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { repositoryRoot } from '../../../scripts/lib/repository-root.ts'
import type { RunningBroker } from '../../../scripts/local/broker/broker.ts'
import { startMemoryBroker } from '../../../scripts/local/broker/memory-broker.ts'
import { readLocalDeployment } from '../../../scripts/local/platform/deployment/read-local-deployment.ts'
import { brokerTopologyOf } from '../../../scripts/local/platform/events/broker-topology.ts'
import { type LocalWasteServers, startWasteServers } from '../../../scripts/local/testing/waste-servers.ts'
import type { JsonCloudEvent } from '../../_lib/events/cloud-event.ts'
import { createResources } from '../../_lib/process/resources.ts'
import type { StartFunction } from '../../_lib/process/serve.ts'
import { type RunningFunction, runFunction } from '../../_lib/testing/run-function.ts'
import { toSignedMessage } from '../../_lib/testing/test-event-keys.ts'
import { createTestKeys, signTestOperatorToken, type TestKeys } from '../../_lib/testing/test-keys.ts'
import analyzeSpec from '../../waste/ai-analyze/function.ts'
import { start as startAnalyze } from '../../waste/ai-analyze/main.ts'
import { startWasteParts, type TestJob, type WasteParts } from '../../waste/testing/waste-parts.ts'
import { start as startOperate } from '../operate/main.ts'
import spec from './function.ts'
import { start } from './main.ts'

const resources = createResources()
let parts: WasteParts<LocalWasteServers>
let broker: RunningBroker
let operate: RunningFunction
let keys: TestKeys
let photo: Buffer
beforeAll(async () => {
  parts = resources.add(await startWasteServers().then(startWasteParts))
  keys = await createTestKeys()
  photo = await readFile(join(repositoryRoot, 'scripts/photos/pet-bottle.jpg'))
  const run = async (startFunction: StartFunction, changes: Record<string, string> = {}) =>
    resources.add(await runFunction(startFunction, { ...parts.environment, ...changes }))
  const asEvents = { DATABASE_URL: parts.database.urlOf('events') }
  const running = new Map([
    [analyzeSpec.name as string, await run(startAnalyze)],
    [spec.name as string, await run(start, asEvents)],
  ])
  operate = await run(startOperate, { ...asEvents, OPERATOR_PUBLIC_KEYS: JSON.stringify(keys.publicKeys) })
  const { brokers, triggers } = await readLocalDeployment('single')
  const deployed = {
    brokers,
    triggers: triggers.filter(({ subscriber }) => 'service' in subscriber && running.has(subscriber.service)),
  }
  broker = await startMemoryBroker({
    topology: brokerTopologyOf(deployed, (name) => running.get(name)?.url ?? ''),
    strict: true,
    log: { info: () => undefined, warn: () => undefined, error: () => undefined },
    // The test does not depend on the back-off.
    sleep: async () => undefined,
  })
  resources.add(broker)
}, 60_000)
afterAll(() => resources.close())

async function publish(event: JsonCloudEvent): Promise<void> {
  const { headers, body } = toSignedMessage(event)
  const response = await fetch(broker.addresses.growbin ?? '', { method: 'POST', headers, body })
  expect(response.status).toBe(202)
}
const deadLetters = () =>
  parts.database.query<{ dead_letter_id: string; kind: string; reason: string; state: string; deliveries: number }>(
    'select dead_letter_id, kind, reason, state, deliveries from events.dead_letters order by kind, reason',
  )
const stateOf = async (jobId: string) => (await parts.jobRow(jobId)).state
const idle = async () => {
  const stats = Object.values(await broker.stats())
  expect(stats.every(({ ready, inFlight }) => ready === 0 && inFlight === 0)).toBe(true)
}
const eventually = <Result>(check: () => Promise<Result>) => vi.waitFor(check, { timeout: 20_000, interval: 50 })

test('poison messages of three kinds block no valid event, end as one dead letter each, and never loop', async () => {
  const good: TestJob[] = []
  for (let slot = 1; slot <= 4; slot += 1) good.push(await parts.queuePhoto(photo, { slot }))
  const stuck = await parts.queuePhoto(photo)
  // Every claim of this one job fails.
  await parts.database.query(`
    create function waste.fail() returns trigger language plpgsql as $$ begin raise exception 'poison'; end $$;
    create trigger poison before update on waste.jobs for each row when (old.job_id = '${stuck.jobId}')
      execute function waste.fail()`)
  const [first, second, third, fourth] = good.map((job) => parts.commandOf(job)) as [
    JsonCloudEvent,
    JsonCloudEvent,
    JsonCloudEvent,
    JsonCloudEvent,
  ]
  const strange = { ...first, id: 'poison-1', type: 'app.growbin.ai.nonsense.v1' }
  const broken = { ...first, id: 'poison-2', data: { job_id: 7 } }
  const failing = parts.commandOf(stuck)
  for (const event of [first, strange, second, broken, third, failing, fourth]) await publish(event)

  await eventually(async () => {
    for (const job of good) expect(await stateOf(job.jobId)).toBe('completed')
    expect(await deadLetters()).toHaveLength(3)
    await idle()
  })
  const archived = [
    { kind: 'dead_letter', reason: 'answered_503', state: 'open', deliveries: 1 },
    { kind: 'rejected', reason: 'invalid_data', state: 'open', deliveries: 1 },
    { kind: 'rejected', reason: 'unknown_type', state: 'open', deliveries: 1 },
  ]
  expect(await deadLetters()).toMatchObject(archived)
  expect(await stateOf(stuck.jobId)).toBe('queued')
  expect(broker.violations()).toEqual([])
  expect(await parts.database.query('select 1 from events.outbox where sent_at is null')).toEqual([])

  // A replay that fails again returns to the same row and stays there.
  const [deadLetter] = await deadLetters()
  await replay(deadLetter?.dead_letter_id ?? '')
  await eventually(async () => {
    expect((await deadLetters())[0]).toMatchObject({ state: 'open', deliveries: 2 })
    await idle()
  })
  expect(await deadLetters()).toHaveLength(3)

  // A replay after the fault is removed succeeds.
  await parts.database.query('drop trigger poison on waste.jobs')
  await replay(deadLetter?.dead_letter_id ?? '')
  await eventually(async () => expect(await stateOf(stuck.jobId)).toBe('completed'))
  expect((await deadLetters())[0]).toMatchObject({ state: 'replayed', deliveries: 2 })
}, 60_000)

/** Replays through the API, then publishes the outbox row as the relay does. */
async function replay(deadLetterId: string): Promise<void> {
  const response = await fetch(`${operate.url}/api/v1/operations/dead-letters/${deadLetterId}/replay`, {
    method: 'POST',
    headers: { authorization: `Bearer ${await signTestOperatorToken(keys)}`, 'content-type': 'application/json' },
    body: '{}',
  })
  expect(await response.json()).toMatchObject({ replayed: true })
  const due = await parts.database.query<{ event: JsonCloudEvent }>(
    'update events.outbox set sent_at = now() where sent_at is null returning event',
  )
  expect(due).toHaveLength(1)
  for (const { event } of due) await publish(event)
}
