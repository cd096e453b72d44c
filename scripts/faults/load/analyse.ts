import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { ApiError } from '../../local/demo/api-error.ts'
import type { createGrowbinClient, JobStatus, Photo } from '../../local/demo/growbin-client.ts'
import type { History, HistoryEntry, OperationKind } from '../history/history.ts'

export type GrowbinClient = ReturnType<typeof createGrowbinClient>

export type AnalyseOptions = {
  clientNo: number
  client: GrowbinClient
  photo: Photo
  history: History
  random: () => number
  /** The client retries until then. */
  deadlineMs: number
  onAccepted: () => void
}

const uploadTimeoutMs = 10_000
const pauseMsMax = 5_000

/**
 * One analysis as a patient client makes it: every step is retried until it succeeds or is refused for good, and each attempt is
 * an entry of the history. A job that can no longer be had is begun anew, as a person would.
 */
export async function analyse(options: AnalyseOptions): Promise<void> {
  while (Date.now() < options.deadlineMs) {
    const key = randomUUID()
    const job = await step(options, 'open', undefined, () => options.client.openJob(options.photo, undefined, key))
    if (!job) continue
    if (!(await step(options, 'upload', job.job_id, () => putPhoto(job, options.photo)))) continue
    if (!(await step(options, 'complete', job.job_id, () => completeUpload(options, job.job_id)))) continue
    options.onAccepted()
    await step(options, 'follow', job.job_id, () => follow(options, job.job_id))
    return
  }
}

/** Retries one step. Undefined when it is refused for good, or the time is up. */
async function step<T>(
  options: AnalyseOptions,
  kind: OperationKind,
  jobId: string | undefined,
  work: () => Promise<T>,
): Promise<T | undefined> {
  const { history, clientNo, random } = options
  for (let tried = 1; Date.now() < options.deadlineMs; tried += 1) {
    const startedMs = performance.now()
    const note = (entry: Pick<HistoryEntry, 'type'> & Partial<HistoryEntry>) =>
      history.add({ atMs: Date.now(), client: clientNo, kind, ...(jobId && { jobId }), ...entry })
    note({ type: 'invoke' })
    try {
      const done = await work()
      const end = kind === 'follow' ? endOf(done as JobStatus) : undefined
      note({ type: 'ok', tookMs: performance.now() - startedMs, ...(end && { end }) })
      return done
    } catch (error) {
      const refused = describe(error)
      note({ ...refused, tookMs: performance.now() - startedMs })
      if (refused.isFinal) return undefined
      const pauseMs = Math.min(pauseMsMax, (refused.retryAfterSeconds ?? 0) * 1000 || 100 * 2 ** Math.min(tried, 5))
      await sleep(pauseMs * (0.5 + random()))
      if (refused.status === 401) await options.client.refresh().catch(() => undefined)
    }
  }
  return undefined
}

type Refused = Pick<HistoryEntry, 'type' | 'status' | 'reason' | 'retryAfterSeconds'> & { isFinal: boolean }

/** A refusal with 4xx had no effect. After any other failure the effect is unknown. */
function describe(error: unknown): Omit<Refused, never> {
  if (!(error instanceof ApiError)) {
    const { name, message, cause } = error as Error
    const code = (cause as { code?: string } | undefined)?.code
    return { type: 'info', status: 0, reason: code ?? `${name}: ${message}`, isFinal: false }
  }
  const { status, reason, retryAfterSeconds } = error
  const isRefusal = status >= 400 && status < 500
  return {
    type: isRefusal ? 'fail' : 'info',
    status,
    reason,
    // A new token solves 401, waiting solves 429; any other refusal would repeat.
    isFinal: isRefusal && status !== 401 && status !== 429 && status !== 408,
    ...(retryAfterSeconds !== undefined && { retryAfterSeconds }),
  }
}

type OpenedJob = Awaited<ReturnType<GrowbinClient['openJob']>>

async function putPhoto(job: OpenedJob, photo: Photo): Promise<true> {
  // fetch itself sets the length, and refuses it as a header.
  const { 'content-length': _, ...headers } = job.upload_headers
  const stored = await fetch(job.upload_url, {
    method: 'PUT',
    headers,
    body: photo.bytes,
    signal: AbortSignal.timeout(uploadTimeoutMs),
  })
  await stored.body?.cancel()
  if (!stored.ok) throw new ApiError('Uploading the photo', stored.status, 'upload_refused', stored.statusText)
  return true
}

async function completeUpload({ client }: AnalyseOptions, jobId: string): Promise<true> {
  await client.completeUpload(jobId)
  return true
}

const follow = ({ client, deadlineMs }: AnalyseOptions, jobId: string): Promise<JobStatus> =>
  client.follow(jobId, () => undefined, Math.max(1, deadlineMs - Date.now()))

const endOf = ({ status, reason, result }: JobStatus) => ({
  state: status as 'completed' | 'failed',
  reason,
  category: result?.category ?? null,
})
