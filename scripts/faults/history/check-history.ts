import { analysisSteps } from '../../../functions/waste/analysis-step.ts'
import type { ClientEnd, Effects, HistoryEntry, Injection } from './history.ts'
import { type Recovery, recoveriesOf } from './recovery.ts'

/** What went wrong with one job. Each kind is a broken guarantee. */
export type ViolationKind =
  /** Accepted, and the job no longer exists. */
  | 'gone'
  /** Accepted, and the job waits for a photo as if no client had completed the upload. */
  | 'forgotten'
  /** Accepted or queued, and never ended. */
  | 'unfinished'
  /** Completed, and there is no result. */
  | 'result_missing'
  /** The end of the job was written more than once, or was changed. */
  | 'ended_twice'
  | 'result_twice'
  /** One of the four steps of the job was finished more than once. */
  | 'step_twice'
  | 'handled_twice'
  /** Two calls of the model were answered and paid for, and both were saved in the job. */
  | 'answered_twice'
  /** The client received another end than the stored one. */
  | 'told_otherwise'
  /** Refused for good, and still analysed. */
  | 'refused_and_done'
  /** Failed for a reason that this fault does not excuse. */
  | 'failed_without_cause'

export type Violation = { kind: ViolationKind; jobId: string; detail: string }

const lostKinds: ReadonlySet<ViolationKind> = new Set(['gone', 'forgotten', 'unfinished', 'result_missing'])
const doubledKinds: ReadonlySet<ViolationKind> = new Set([
  'ended_twice',
  'result_twice',
  'step_twice',
  'handled_twice',
  'answered_twice',
  'told_otherwise',
])

export type CheckInput = {
  entries: readonly HistoryEntry[]
  effects: Effects
  injections: readonly Injection[]
  /** Failure reasons that the fault itself causes. */
  excusedFailures: readonly string[]
}

export type Checked = {
  /** Analyses whose upload was completed, with any answer. */
  attempted: number
  /** Those that were answered with 202. */
  accepted: number
  completed: number
  failed: Record<string, number>
  lost: number
  doubled: number
  modelCallsPerJob: number
  /** From the recovery of an injection to the end of each job that met it. */
  recoveries: Recovery[]
  violations: Violation[]
  /** Problems of the whole run, not of one job. */
  problems: string[]
}

type ClientView = { ok: boolean; unsure: boolean; ends: ClientEnd[] }

/**
 * Compares what the clients received with what the database kept. A pure function: the same history always gives the same
 * verdict.
 */
export function checkHistory({ entries, effects, injections, excusedFailures }: CheckInput): Checked {
  const views = viewsByJob(entries)
  const jobs = new Map(effects.jobs.map((job) => [job.jobId, job]))
  const kindsOf = countByJob(effects.effects.map(({ jobId, kind }) => [jobId, kind]))
  const results = countByJob(effects.results.map(({ jobId }) => [jobId, 'result']))
  const answered = countByJob(
    effects.modelCalls.filter(({ outcome }) => outcome === 'answered').map(({ jobId }) => [jobId, 'answered']),
  )
  const violations: Violation[] = []
  const blame = (kind: ViolationKind, jobId: string, detail: string) => violations.push({ kind, jobId, detail })

  for (const jobId of new Set([...views.keys(), ...jobs.keys()])) {
    const view = views.get(jobId) ?? { ok: false, unsure: false, ends: [] }
    const job = jobs.get(jobId)
    if (!job) {
      if (view.ok) blame('gone', jobId, 'the upload was accepted, and there is no such job')
      continue
    }
    const count = (kind: string) => kindsOf.get(jobId)?.get(kind) ?? 0
    const ended = job.state === 'completed' || job.state === 'failed'
    const began = job.state !== 'created' && job.queuedAtMs !== null

    if (view.ok && job.state === 'created') blame('forgotten', jobId, 'accepted, and still waiting for its photo')
    else if (view.ok && job.failureReason === 'upload_expired')
      blame('forgotten', jobId, 'accepted, and ended as an upload that never came')
    else if (!ended && job.state !== 'created') blame('unfinished', jobId, `still "${job.state}"`)

    const resultCount = results.get(jobId)?.get('result') ?? 0
    if (job.state === 'completed' && resultCount === 0) blame('result_missing', jobId, 'completed without a result')
    if (job.state !== 'completed' && resultCount > 0) blame('ended_twice', jobId, `"${job.state}", with a result`)

    const ends = count('completed') + count('failed')
    if (ends > 1 || count('end_changed') > 0)
      blame('ended_twice', jobId, `ended ${ends} times, and changed ${count('end_changed')} times afterwards`)
    const writes = count('result_written')
    if (resultCount > 1 || writes > 1 || count('result_changed') > 0)
      blame('result_twice', jobId, `${writes} results written, ${count('result_changed')} changed`)
    for (const step of analysisSteps) {
      if (count(step) > 1) blame('step_twice', jobId, `"${step}" was finished ${count(step)} times`)
    }
    const handled = effects.handled.get(jobId) ?? 0
    if (handled > 1) blame('handled_twice', jobId, `handled ${handled} times`)
    const paid = answered.get(jobId)?.get('answered') ?? 0
    if (paid > 1) blame('answered_twice', jobId, `${paid} answers of the model were saved`)

    for (const told of view.ends) {
      if (told.state !== job.state || told.reason !== job.failureReason) {
        blame('told_otherwise', jobId, `told "${told.state}" ${told.reason ?? ''}, kept "${job.state}"`)
        break
      }
    }
    if (began && !view.ok && !view.unsure) blame('refused_and_done', jobId, 'refused each time, and analysed')
    if (began && job.state === 'failed' && !excusedFailures.includes(job.failureReason ?? ''))
      blame('failed_without_cause', jobId, `failed with "${job.failureReason}"`)
  }

  const queued = effects.jobs.filter((job) => job.queuedAtMs !== null)
  const failed: Record<string, number> = {}
  for (const job of queued) {
    if (job.state === 'failed') failed[job.failureReason ?? 'none'] = (failed[job.failureReason ?? 'none'] ?? 0) + 1
  }
  const count = (kinds: ReadonlySet<ViolationKind>) =>
    new Set(violations.filter(({ kind }) => kinds.has(kind)).map(({ jobId }) => jobId)).size
  return {
    attempted: [...views.values()].filter(({ ok, unsure }) => ok || unsure).length,
    accepted: [...views.values()].filter(({ ok }) => ok).length,
    completed: queued.filter(({ state }) => state === 'completed').length,
    failed,
    lost: count(lostKinds),
    doubled: count(doubledKinds),
    modelCallsPerJob: queued.length === 0 ? 0 : effects.modelCallsSeen / queued.length,
    recoveries: recoveriesOf(queued, injections),
    violations,
    problems: findProblems(effects),
  }
}

function findProblems(effects: Effects): string[] {
  const problems: string[] = []
  const ends = effects.effects.filter(({ kind }) => kind === 'completed' || kind === 'failed')
  const seenToEnd = new Set(ends.map(({ jobId }) => jobId))
  const unseen = effects.jobs.filter(({ jobId, finishedAtMs }) => finishedAtMs !== null && !seenToEnd.has(jobId))
  if (unseen.length > 0) problems.push(`${unseen.length} ends were not seen by the audit`)
  const { outboxPending, outboxParked, messagesLeft, modelCalls, modelCallsSeen } = effects
  if (outboxPending > 0) problems.push(`${outboxPending} events were never published`)
  if (outboxParked > 0) problems.push(`${outboxParked} events were parked`)
  if (messagesLeft > 0) problems.push(`${messagesLeft} messages are left in queues`)
  const removed = effects.effects.filter(({ kind }) => kind === 'model_call_removed').length
  const inLedger = modelCalls.length + removed
  if (modelCallsSeen > inLedger)
    problems.push(`the model counted ${modelCallsSeen} calls, and the ledger ${inLedger}: a call was not counted`)
  return problems
}

function viewsByJob(entries: readonly HistoryEntry[]): Map<string, ClientView> {
  const views = new Map<string, ClientView>()
  for (const { jobId, kind, type, end } of entries) {
    if (jobId === undefined || (kind !== 'complete' && kind !== 'follow')) continue
    const view = views.get(jobId) ?? { ok: false, unsure: false, ends: [] }
    views.set(jobId, view)
    if (kind === 'complete' && type === 'ok') view.ok = true
    if (kind === 'complete' && type === 'info') view.unsure = true
    if (kind === 'follow' && end) view.ends.push(end)
  }
  return views
}

function countByJob(pairs: readonly (readonly [jobId: string, kind: string])[]): Map<string, Map<string, number>> {
  const counts = new Map<string, Map<string, number>>()
  for (const [jobId, kind] of pairs) {
    const ofJob = counts.get(jobId) ?? new Map<string, number>()
    counts.set(jobId, ofJob)
    ofJob.set(kind, (ofJob.get(kind) ?? 0) + 1)
  }
  return counts
}
