import { createHash, randomUUID } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Redis } from 'ioredis'
import sharp from 'sharp'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { ModelFault } from '../../../../scripts/local/simulators/model/model-simulator.ts'
import { type LocalWasteServers, startWasteServers } from '../../../../scripts/local/testing/waste-servers.ts'
import type { JsonCloudEvent } from '../../../_lib/events/cloud-event.ts'
import type { FunctionInstance } from '../../../_lib/process/serve.ts'
import { start as startSingle } from '../../ai-analyze/main.ts'
import { start as startIdentifyItem } from '../../identify-item/main.ts'
import { preparedKeyOf } from '../../prepared-key.ts'
import { createSnapshotReader } from '../../snapshot/find-snapshot.pg.ts'
import { followToEnd } from '../../testing/follow-to-end.ts'
import { type StagedAnalysis, startStagedAnalysis } from '../../testing/staged-analysis.ts'
import { type JobFields, startWasteParts, type TestJob, type WasteParts } from '../../testing/waste-parts.ts'

type Variant = {
  queue: (bytes: Uint8Array, fields: Partial<JobFields>) => Promise<TestJob>
  commandOf: (job: TestJob) => JsonCloudEvent
  deliver: (job: TestJob, command: JsonCloudEvent, isImpatient: boolean) => Promise<JsonCloudEvent[]>
}

let parts: WasteParts<LocalWasteServers>
let redis: Redis
let variants: Record<'single' | 'stages', Variant>
const photo = (name: string) => readFile(join(import.meta.dirname, '../../../../scripts/photos', `${name}.jpg`))
/** Only for calls that hang: a busy machine may take longer than this for any other. */
const impatience = { MODEL_TIMEOUT_MS: '300' }

beforeAll(async () => {
  parts = await startWasteServers().then(startWasteParts)
  redis = new Redis(parts.redis.url)
  const staged = await startStagedAnalysis(parts)
  const impatientSteps: StagedAnalysis = await withIdentifier(staged, await parts.start(startIdentifyItem, impatience))
  const single = await parts.start(startSingle)
  const impatientSingle = await parts.start(startSingle, impatience)
  variants = {
    single: {
      queue: (bytes, fields) => parts.queuePhoto(bytes, fields),
      commandOf: parts.commandOf,
      deliver: (job, command, isImpatient) =>
        followToEnd({ parts, staged }, job, command, isImpatient ? impatientSingle : single),
    },
    stages: {
      queue: staged.queuePhoto,
      commandOf: staged.commandOf,
      deliver: (job, command, isImpatient) =>
        followToEnd({ parts, staged: isImpatient ? impatientSteps : staged }, job, command),
    },
  }
})
afterAll(async () => {
  redis?.disconnect()
  await parts?.close()
})
beforeEach(reset)

async function withIdentifier(staged: StagedAnalysis, identifying: FunctionInstance): Promise<StagedAnalysis> {
  return {
    ...staged,
    deliver: (event) => staged.deliver(event, event.extensions.queue === 'gpt5_analysis' ? identifying : undefined),
  }
}

async function reset() {
  parts.model.control.reset()
  await redis.flushall()
  await parts.database.query('truncate waste.jobs, waste.results, waste.model_calls, waste.model_budget cascade')
  await parts.database.query('truncate events.outbox')
  await parts.database.query(`update waste.model_circuit set open_until = 'epoch', reason = null, failing = false`)
}

type Case = {
  bytes: () => Promise<Uint8Array>
  fields?: Partial<JobFields>
  /** What has been analysed before: by another person, or by the same one. */
  before?: { bytes: () => Promise<Uint8Array>; bySamePerson?: boolean }[]
  faults?: (ModelFault | 'ok')[]
  isImpatient?: boolean
  /** The upload is gone before the first delivery. */
  isRemoved?: boolean
}

/** All that the job leaves behind, without ids and times. */
async function analyse(variant: Variant, { bytes, fields, before = [], faults, isImpatient, isRemoved }: Case) {
  const ownerId = randomUUID()
  for (const { bytes: earlierBytes, bySamePerson } of before) {
    const earlier = await variant.queue(await earlierBytes(), bySamePerson ? { owner_id: ownerId } : {})
    await variant.deliver(earlier, variant.commandOf(earlier), false)
  }
  if (faults) parts.model.control.set({ queue: faults })
  const uploaded = await bytes()
  const job = await variant.queue(uploaded, { owner_id: ownerId, slot: 2, ...fields })
  if (isRemoved) await parts.store.remove(job.objectKey)
  const callsBefore = parts.model.control.calls().total
  const command = variant.commandOf(job)
  const delivered = await variant.deliver(job, command, isImpatient ?? false)
  const afterEnd = await leftBy(job, uploaded)
  // A repeated event changes nothing.
  for (const event of [command, ...delivered]) await variant.deliver(job, event, false)
  expect(await leftBy(job, uploaded)).toEqual(afterEnd)
  return { ...afterEnd, calls: parts.model.control.calls().total - callsBefore }
}

async function leftBy(job: TestJob, uploaded: Uint8Array) {
  const { ownerId } = job
  const snapshot = await createSnapshotReader(parts.database.openAs('waste'))(job.jobId, ownerId)
  await redis.select(1)
  const copied = JSON.parse((await redis.get(`job:${job.jobId}:end`)) ?? 'null')
  expect(copied?.result).toEqual(snapshot?.result)
  const { query } = parts.database
  const [row] = await query(
    'select latitude, longitude, lease_until, finished_at is not null as finished from waste.jobs where job_id = $1',
    [job.jobId],
  )
  const photoKey = `photos/${ownerId}/${createHash('sha256').update(uploaded).digest('hex')}.jpg`
  const results = await query('select image_sha256, photo_key = $2 as has_photo from waste.results where job_id = $1', [
    job.jobId,
    photoKey,
  ])
  return {
    end: { ...snapshot, ...withoutMoments },
    result: snapshot?.result && { ...snapshot.result, ...withoutMoments },
    row,
    results,
    outcomes: (
      await query('select outcome from waste.model_calls where job_id = $1 order by fencing_token', [job.jobId])
    ).map(({ outcome }) => outcome),
    stepOutputs: await query('select step from waste.step_outputs where job_id = $1', [job.jobId]),
    kept: {
      photo: await parts.store.exists(photoKey),
      upload: await parts.store.exists(job.objectKey),
      prepared: await parts.store.exists(preparedKeyOf(job.objectKey)),
    },
    slot: copied?.state,
  }
}

const withoutMoments = {
  jobId: undefined,
  ownerId: undefined,
  job_id: undefined,
  updatedAt: undefined,
  analyzed_at: undefined,
  result: undefined,
}

const battery = () => photo('battery')
const bottle = () => photo('glass-bottle')
const smaller = async () =>
  sharp(await battery())
    .resize(900)
    .jpeg({ quality: 85 })
    .toBuffer()
const smallest = async () =>
  sharp(await battery())
    .resize(850)
    .jpeg({ quality: 85 })
    .toBuffer()
const cityHall = { latitude: 37.5663, longitude: 126.9779 }

const cases: [string, Case, object][] = [
  ['a new photo', { bytes: battery, fields: cityHall }, { state: 'completed' }],
  [
    'a new photo of a person who reads English',
    { bytes: () => photo('snack-bag'), fields: { locale: 'en' } },
    { state: 'completed' },
  ],
  ['a photo of no waste', { bytes: () => photo('potted-plant'), fields: cityHall }, { state: 'completed' }],
  [
    'bytes that another has sent',
    { bytes: battery, fields: cityHall, before: [{ bytes: battery }] },
    { state: 'completed' },
  ],
  [
    'bytes that the same person has sent',
    { bytes: battery, before: [{ bytes: battery, bySamePerson: true }] },
    { state: 'completed' },
  ],
  [
    'a photo that looks like an own one',
    { bytes: smaller, before: [{ bytes: battery, bySamePerson: true }] },
    { state: 'completed', result: { answered_by: 'perceptual_match' } },
  ],
  [
    'a photo that looks like that of another',
    { bytes: smaller, before: [{ bytes: battery }] },
    { state: 'completed', result: { answered_by: 'model' } },
  ],
  [
    'a photo that looks like those of two others',
    { bytes: smaller, before: [{ bytes: battery }, { bytes: smallest }] },
    { state: 'completed', result: { answered_by: 'perceptual_match' } },
  ],
  ['a refusal', { bytes: battery, faults: ['refusal'] }, { state: 'failed', failureReason: 'photo_refused' }],
  [
    'a filter of content',
    { bytes: battery, faults: ['content_filter'] },
    { state: 'failed', failureReason: 'photo_refused' },
  ],
  [
    'a limit of the rate, and then an answer',
    { bytes: battery, faults: ['rate_limited', 'ok'] },
    { state: 'completed' },
  ],
  [
    'an answer that is cut off, and then a whole one',
    { bytes: battery, faults: ['truncated_json', 'ok'] },
    { state: 'completed' },
  ],
  [
    'answers that are cut off',
    { bytes: battery, faults: ['truncated_json', 'truncated_json'] },
    { state: 'failed', failureReason: 'model_answer_unusable' },
  ],
  [
    'a model that fails for this photo',
    { bytes: battery, before: [{ bytes: bottle }], faults: ['server_error', 'server_error', 'server_error'] },
    { state: 'failed', failureReason: 'model_unavailable' },
  ],
  [
    'a model that never answers for this photo',
    { bytes: battery, before: [{ bytes: bottle }], faults: ['hang', 'hang', 'hang'], isImpatient: true },
    { state: 'failed', failureReason: 'model_unavailable' },
  ],
  [
    'a model that fails everybody for a while',
    { bytes: battery, faults: ['server_error', 'server_error', 'server_error', 'ok'] },
    { state: 'completed' },
  ],
  [
    'bytes that are no image',
    { bytes: async () => Buffer.from('no image at all') },
    { state: 'failed', failureReason: 'invalid_image' },
  ],
  [
    'an image that is too small',
    {
      bytes: () =>
        sharp({ create: { width: 8, height: 8, channels: 3, background: 'red' } })
          .jpeg()
          .toBuffer(),
    },
    { state: 'failed', failureReason: 'image_too_small' },
  ],
  [
    'an image of another type',
    { bytes: battery, fields: { content_type: 'image/png' } },
    { state: 'failed', failureReason: 'image_type_mismatch' },
  ],
  ['an upload that is gone', { bytes: battery, isRemoved: true }, { state: 'failed', failureReason: 'upload_missing' }],
]

describe('four functions end a job as one does', () => {
  it.each(cases)('for %s', async (_, example, end) => {
    const single = await analyse(variants.single, example)
    await reset()
    const stages = await analyse(variants.stages, example)
    expect(stages).toEqual(single)
    expect({ ...stages.end, result: stages.result }).toMatchObject(end)
    expect(stages.stepOutputs).toEqual([])
    expect(stages.kept).toEqual({ photo: stages.end.state === 'completed', upload: false, prepared: false })
  })
})
