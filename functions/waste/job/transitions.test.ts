import { randomUUID } from 'node:crypto'
import { glob, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { sql } from 'drizzle-orm'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { type LocalWasteServers, startWasteServers } from '../../../scripts/local/testing/waste-servers.ts'
import type { Database, Queries } from '../../_lib/stores/database.pg.ts'
import { startWasteParts, type WasteParts } from '../testing/waste-parts.ts'
import { isHeld } from './columns.pg.ts'
import type { JobState } from './job.ts'
import type { Lease } from './leased-job.ts'
import type { NewJob } from './new-job.ts'
import { claimJob } from './statements/claim-job.pg.ts'
import { failJobs } from './statements/fail-jobs.pg.ts'
import { completeJob, enterStage, finishStep, releaseForRetry, renewLease } from './statements/hold-job.pg.ts'
import { createJobOpener } from './statements/open-job.pg.ts'
import { queueJob, redriveJob } from './statements/queue-job.pg.ts'
import { type Transition, transitions } from './transitions.ts'

let parts: WasteParts<LocalWasteServers>
let database: Database
beforeAll(async () => {
  parts = await startWasteServers().then(startWasteParts)
  database = parts.database.openAs('waste')
})
afterAll(() => parts?.close())

const states: readonly JobState[] = ['created', 'queued', 'processing', 'completed', 'failed']
const step = 'prepare_photo'

/** What a worker does that holds a lease, or believes so. */
const fenced: Record<string, (tx: Queries, lease: Lease) => Promise<unknown>> = {
  renewLease: (tx, lease) => renewLease(tx, lease, 15),
  enterStage: (tx, lease) => tx.execute(enterStage(lease, 'vision')),
  finishStep: (tx, lease) => finishStep(tx, lease, step, 'identify_item'),
  releaseForRetry: (tx, lease) => releaseForRetry(tx, lease, { delaySeconds: 1, isFailedTry: true }),
  completeJob: (tx, lease) => completeJob(tx, lease),
  failJobs: (tx, lease) => failJobs(tx, isHeld(lease), 'photo_refused'),
}

const statements: typeof fenced = {
  ...fenced,
  queueJob: (tx, { jobId }) => queueJob(tx, jobId, step),
  claimJob: (tx, { jobId }) => claimJob(tx, jobId, { claimId: randomUUID(), leaseSeconds: 15, step }),
  redriveJob: (tx, { jobId }) => redriveJob(tx, jobId, { isLost: true, isLate: false }),
  // As the redriver and `openJob` do, by the row and not by a lease.
  failJobs: (tx, { jobId }) => failJobs(tx, sql`job_id = ${jobId}`, 'analysis_stalled'),
}

/** Does each on a job in each state whose lease, number 3, is over. Resolves to those that have changed its row. */
async function observe(written: typeof fenced, fencingToken: number): Promise<Transition[]> {
  const observed: Transition[] = []
  for (const [by, write] of Object.entries(written)) {
    for (const from of states) {
      const failure_reason = from === 'failed' ? 'photo_refused' : null
      const job = await parts.insertJob({ state: from, failure_reason, step, fencing_token: 3, lease_seconds: -1 })
      const before = await parts.jobRow(job.jobId)
      await database.transaction((tx) => write(tx, { jobId: job.jobId, fencingToken }))
      const after = await parts.jobRow(job.jobId)
      if (JSON.stringify(after) !== JSON.stringify(before)) observed.push({ from, to: after.state as JobState, by })
    }
  }
  return observed
}

const sorted = (some: readonly Transition[]) => some.map(({ from, to, by }) => `${from} → ${to}: ${by}`).sort()

it('each statement takes a job from the states to the states that the table says, and leaves every other job as it is', async () => {
  const openJob = createJobOpener(database, { waitingMax: 10, perDayMax: 10 })
  const [jobId, ownerId] = [randomUUID(), randomUUID()]
  const job: NewJob = {
    jobId,
    ownerId,
    contentType: 'image/jpeg',
    contentLengthBytes: 1,
    sha256: undefined,
    location: undefined,
    locale: 'ko',
    traceparent: '',
    eventId: randomUUID(),
    objectKey: `uploads/${ownerId}/${jobId}`,
    uploadExpiresSeconds: 300,
    mayOpenFirst: true,
    mayOpenFurther: true,
  }
  expect(await openJob(job)).toMatchObject({ kind: 'admitted' })
  const opened = { from: null, to: (await parts.jobRow(jobId)).state as JobState, by: 'openJob' }
  expect(sorted([opened, ...(await observe(statements, 3))])).toEqual(sorted(transitions))
})

it('a worker whose lease was taken over changes nothing by any statement, in any state of the job', async () => {
  expect(await observe(fenced, 2)).toEqual([])
})

it('the drawing in the README shows every transition, and no other', async () => {
  const readme = await readFile(join(import.meta.dirname, '../README.md'), 'utf8')
  const [, drawing = ''] = /```mermaid\nstateDiagram-v2\n([^`]*)```/.exec(readme) ?? []
  const drawn = [...drawing.matchAll(/^ {2}(\S+) --> (\w+): (.+)$/gm)].flatMap(([, from, to, by = '']) =>
    by.split(', ').map((name) => ({ from: from === '[*]' ? null : from, to, by: name }) as Transition),
  )
  expect(sorted(drawn)).toEqual(sorted(transitions))
})

it('no file of the functions but those of this folder writes a job', async () => {
  const functions = join(import.meta.dirname, '../..')
  const writing: string[] = []
  for await (const path of glob('**/*.ts', { cwd: functions })) {
    if (path.endsWith('.test.ts') || path.includes('/testing/')) continue
    const text = await readFile(join(functions, path), 'utf8')
    if (/\b(update|insert\s+into)\s+waste\.jobs\b|\.(update|insert)\(\s*jobs\s*\)/i.test(text)) writing.push(path)
  }
  expect(writing.sort()).toEqual([
    'waste/job/statements/claim-job.pg.ts',
    'waste/job/statements/fail-jobs.pg.ts',
    'waste/job/statements/hold-job.pg.ts',
    'waste/job/statements/mark-uploads-removed.pg.ts',
    'waste/job/statements/open-job.pg.ts',
    'waste/job/statements/queue-job.pg.ts',
  ])
})
