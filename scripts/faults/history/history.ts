import type { AnalysisStep } from '../../../functions/waste/analysis-step.ts'

/** The requests of a client, in the order of one analysis. */
export type OperationKind = 'open' | 'upload' | 'complete' | 'follow'

/**
 * One step of a client, as Jepsen records it: an operation is invoked, and is then `ok` (it happened), `fail` (it surely did
 * not) or `info` (unknown: a time-out, a reset, a 5xx).
 */
export type HistoryEntry = {
  atMs: number
  client: number
  kind: OperationKind
  type: 'invoke' | 'ok' | 'fail' | 'info'
  jobId?: string
  /** Of `follow`: the end that the client received. */
  end?: ClientEnd
  /** Of `fail` and `info`: what the client received instead. */
  reason?: string
  /** HTTP status; 0 when there was no answer. */
  status?: number
  retryAfterSeconds?: number
  tookMs?: number
}

export type ClientEnd = { state: 'completed' | 'failed'; reason: string | null; category: string | null }

export type JobRow = {
  jobId: string
  state: 'created' | 'queued' | 'processing' | 'completed' | 'failed'
  failureReason: string | null
  createdAtMs: number
  queuedAtMs: number | null
  finishedAtMs: number | null
  leases: number
  redrives: number
}

/** What the audit triggers saw happen to a job, one entry for each committed change. */
export type EffectKind =
  /** The step of the job was finished. The last one ends the job. */
  | Exclude<AnalysisStep, 'compose_answer'>
  /** The redriver published the command of the job again. */
  | 'redriven'
  /** The job came to its end. */
  | 'completed'
  | 'failed'
  /** The row of an ended job changed afterwards. */
  | 'end_changed'
  | 'result_written'
  | 'result_changed'
  | 'result_removed'
  | 'job_removed'
  /** Removed with its job. */
  | 'model_call_removed'

export type EffectRow = { jobId: string; kind: EffectKind; atMs: number }

export type ModelCallRow = { jobId: string; outcome: string | null }

/** Everything that is left in the database of one run. */
export type Effects = {
  jobs: readonly JobRow[]
  effects: readonly EffectRow[]
  results: readonly { jobId: string; category: string }[]
  modelCalls: readonly ModelCallRow[]
  /** Calls that the model itself counted. */
  modelCallsSeen: number
  /** How often, by job, the inbox says that a command was handled. */
  handled: ReadonlyMap<string, number>
  outboxPending: number
  outboxParked: number
  deadLetters: readonly { reason: string; eventType: string | null; kind: string }[]
  /** Messages that are still in queues, or in delivery. */
  messagesLeft: number
}

/** Something that was injected, and when the system was restored. */
export type Injection = { what: string; startedAtMs: number; recoveredAtMs: number }

export type History = { add: (entry: HistoryEntry) => void; entries: () => readonly HistoryEntry[] }

export function createHistory(): History {
  const entries: HistoryEntry[] = []
  return { add: (entry) => void entries.push(entry), entries: () => entries }
}
