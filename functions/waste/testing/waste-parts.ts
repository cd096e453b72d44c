import { randomUUID } from 'node:crypto'
import { aiImageAnalyzeV1 } from '../../_contracts/events/ai-image-analyze.v1.ts'
import type { JsonCloudEvent } from '../../_lib/events/cloud-event.ts'
import { createEvent } from '../../_lib/events/event-contract.ts'
import { createUuidV7 } from '../../_lib/http/uuid.ts'
import { createResources } from '../../_lib/process/resources.ts'
import type { FunctionInstance, StartFunction } from '../../_lib/process/serve.ts'
import { type ObjectStore, openObjectStore } from '../../_lib/stores/s3/object-store.s3.ts'
import { type BrokerStub, startBrokerStub } from '../../_lib/testing/broker-stub.ts'
import type { TestBackends } from '../../_lib/testing/test-backends.ts'
import { toSignedMessage } from '../../_lib/testing/test-event-keys.ts'
import { createTestKeys, signTestToken } from '../../_lib/testing/test-keys.ts'
import { objectStoreOptions } from '../../_lib/variables/groups.ts'
import type { AnalysisStep } from '../analysis-step.ts'

export type JobFields = {
  owner_id: string
  state: 'created' | 'queued' | 'processing' | 'completed' | 'failed'
  slot: number
  content_type: string
  content_length: number
  sha256: string | null
  locale: 'ko' | 'en'
  latitude: number | null
  longitude: number | null
  failure_reason: string | null
  redrives: number
  failed_tries: number
  fencing_token: number
  /** Seconds from now, negative for the past; null for none. */
  lease_seconds: number | null
  upload_seconds: number
  queued_seconds: number | null
  updated_seconds: number
  step: AnalysisStep | null
}

export type TestJob = { jobId: string; ownerId: string; objectKey: string; eventId: string }

/** The servers under the waste functions of a test, which starts them and passes them in. */
export type WasteServers = TestBackends & { redis: { url: string }; model: { url: string; apiKey: string } }

export type WasteParts<Servers extends WasteServers = WasteServers> = Servers & {
  broker: BrokerStub
  store: ObjectStore
  /** Variables of every waste function. */
  environment: Record<string, string>
  /** Starts a function, which is closed with the parts. */
  start: (start: StartFunction, overrides?: Record<string, string>) => Promise<FunctionInstance>
  tokenOf: (userId: string) => Promise<string>
  /** Writes a job as if it had come that far; without fields one that waits for its upload. */
  insertJob: (fields?: Partial<JobFields>) => Promise<TestJob>
  jobRow: (jobId: string) => Promise<Record<string, unknown>>
  /** A job that waits for its analysis, with its photo in the store. */
  queuePhoto: (bytes: Uint8Array, fields?: Partial<JobFields>) => Promise<TestJob>
  /** The command of its analysis. */
  commandOf: (job: TestJob) => JsonCloudEvent
  /** Delivers the command of an analysis to `waste-ai-analyze`, as the dispatcher does. */
  deliver: (instance: FunctionInstance, job: TestJob) => Promise<Response>
  close: () => Promise<void>
}

/** Everything that the waste functions talk to, on servers that are closed with it. Close it in `afterAll`. */
export async function startWasteParts<Servers extends WasteServers>(servers: Servers): Promise<WasteParts<Servers>> {
  const resources = createResources()
  resources.add(servers)
  try {
    const broker = resources.add(await startBrokerStub())
    const keys = await createTestKeys()
    const environment = {
      ...servers.environmentOf('waste'),
      AUTH_PUBLIC_KEYS: JSON.stringify(keys.publicKeys),
      BROKER_URL: broker.url,
      OPENAI_BASE_URL: servers.model.url,
      OPENAI_API_KEY: servers.model.apiKey,
      DATABASE_CONNECTIONS_MAX: '10',
      LOG_LEVEL: 'fatal',
    }
    const store = resources.add(openObjectStore(objectStoreOptions(environment as never)))
    const { query } = servers.database

    const wasteParts: WasteParts<Servers> = {
      ...servers,
      broker,
      store,
      environment,
      start: async (start, overrides = {}) => resources.add(await start({ ...environment, ...overrides })),
      tokenOf: (userId) => signTestToken(keys, { userId }),
      insertJob: async (fields = {}) => {
        const job = { ...defaults, owner_id: randomUUID(), ...fields }
        const jobId = createUuidV7()
        const eventId = createUuidV7()
        const objectKey = `uploads/${job.owner_id}/${jobId}`
        await query(insertJobSql, [
          jobId,
          job.owner_id,
          job.state,
          job.slot,
          job.content_type,
          job.content_length,
          job.sha256,
          objectKey,
          job.locale,
          job.latitude,
          job.longitude,
          eventId,
          `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`,
          job.failure_reason,
          job.redrives,
          job.fencing_token,
          job.lease_seconds,
          job.upload_seconds,
          job.queued_seconds ?? (job.state === 'created' ? null : 0),
          job.updated_seconds,
          job.step,
          job.failed_tries,
        ])
        return { jobId, ownerId: job.owner_id, objectKey, eventId }
      },
      jobRow: async (jobId) => {
        const [row] = await query<Record<string, unknown>>('select * from waste.jobs where job_id = $1', [jobId])
        if (!row) throw new Error(`There is no job "${jobId}"`)
        return row
      },
      queuePhoto: async (bytes, fields = {}) => {
        const job = await wasteParts.insertJob({ state: 'queued', content_length: bytes.length, ...fields })
        await store.write(job.objectKey, bytes, fields.content_type ?? defaults.content_type)
        return job
      },
      commandOf,
      deliver: async (instance, job) => {
        const { headers, body } = toSignedMessage(commandOf(job))
        return instance.app.request('/', { method: 'POST', headers, body })
      },
      close: resources.close,
    }
    return wasteParts
  } catch (error) {
    await resources.close().catch(() => undefined)
    throw error
  }
}

const commandOf = (job: TestJob) =>
  createEvent(
    aiImageAnalyzeV1,
    {
      id: job.eventId,
      source: '/growbin/waste-upload-complete',
      subject: job.jobId,
      time: new Date(),
      traceparent: `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`,
    },
    { job_id: job.jobId },
  )

const defaults: Omit<JobFields, 'owner_id'> = {
  state: 'created',
  slot: 1,
  content_type: 'image/jpeg',
  content_length: 1000,
  sha256: null,
  locale: 'ko',
  latitude: null,
  longitude: null,
  failure_reason: null,
  redrives: 0,
  failed_tries: 0,
  fencing_token: 0,
  lease_seconds: null,
  upload_seconds: 300,
  queued_seconds: null,
  updated_seconds: 0,
  step: null,
}

const insertJobSql = `
  insert into waste.jobs (
    job_id, owner_id, state, slot, content_type, content_length, sha256, object_key, locale, latitude, longitude,
    event_id, traceparent, failure_reason, redrives, fencing_token, lease_until, upload_expires_at, queued_at, updated_at,
    finished_at, stage, progress, step, failed_tries
  ) values (
    $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16,
    now() + make_interval(secs => $17), now() + make_interval(secs => $18), now() + make_interval(secs => $19),
    now() + make_interval(secs => $20), case when $3 in ('completed', 'failed') then now() end,
    case $3 when 'processing' then 'vision' when 'completed' then 'done' else $3 end,
    case $3 when 'processing' then 50 when 'completed' then 100 when 'failed' then -1 else 0 end,
    $21, $22
  )`
