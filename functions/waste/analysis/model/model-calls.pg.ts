import { sql } from 'drizzle-orm'
import type { Database } from '../../../_lib/stores/database.pg.ts'
import { isOfLease } from '../../job/columns.pg.ts'
import type { LeasedJob } from '../../job/leased-job.ts'
import { enterStage } from '../../job/statements/hold-job.pg.ts'

export type ModelUsage = {
  inputTokens: number
  /** Reasoning included. */
  outputTokens: number
  reasoningTokens: number
  /** Undefined for a model whose price is not known. */
  costUsd: number | undefined
}

export type CallPermit =
  /**
   * `callNo` counts this call and the earlier ones of the job; calls that the provider refused, or that failed during an
   * outage of the model, do not count. A probe is the one call of a half-open circuit.
   */
  | { kind: 'granted'; callNo: number; isProbe: boolean }
  | { kind: 'paused'; delaySeconds: number }
  | { kind: 'minute_full'; delaySeconds: number }
  | { kind: 'day_full' }
  /** Includes calls of workers that died before they recorded the outcome. */
  | { kind: 'calls_used_up' }
  | { kind: 'lease_lost' }

export type ModelCalls = {
  /** Records one call before it is sent, so that after a crash the ledger counts too many and never too few. */
  begin: (job: LeasedJob) => Promise<CallPermit>
  end: (job: LeasedJob, outcome: string, usage?: ModelUsage) => Promise<void>
  /** Pauses the calls of all workers for some seconds. A longer pause stays. */
  pause: (seconds: number, reason: string) => Promise<void>
  /**
   * Ends a call that failed on the side of the model. Opens the circuit after a failed probe, or after the fifth failure in
   * ten seconds without any answer. Resolves to whether the call counts against the job: only if the model has answered
   * within a minute.
   */
  endFailed: (job: LeasedJob, outcome: string) => Promise<boolean>
  /** Closes the circuit after an answered probe. */
  recover: () => Promise<void>
}

/** The tokens and the price of a call; a truncated answer costs as well. */
export const usageColumns = (usage: ModelUsage | undefined) => sql`
  input_tokens = ${usage?.inputTokens ?? null}::integer, output_tokens = ${usage?.outputTokens ?? null}::integer,
  reasoning_tokens = ${usage?.reasoningTokens ?? null}::integer, cost_usd = ${usage?.costUsd ?? null}::numeric`

type PermitRow = {
  paused_seconds: number
  minute_seconds: number
  minute_granted: boolean
  day_granted: boolean
  leased: boolean
  earlier_calls: number
  failing: boolean
}

const failuresInARow = 5
const failuresPauseSeconds = 10
/** A probe each 15 s is 5760 calls in a day of outage, of the 50 000 that a day has. */
const probePauseSeconds = 15
/** Longer than one call takes. After a probe without an outcome another may begin. */
const probeSeconds = 30

export function createModelCalls(
  database: Database,
  limits: { callsPerMinuteMax: number; callsPerDayMax: number; callsPerJobMax: number },
): ModelCalls {
  const end: ModelCalls['end'] = async (job, outcome, usage) => {
    await database.run((db) =>
      db.execute(sql`
        update waste.model_calls
        set ended_at = now(), outcome = ${outcome}, ${usageColumns(usage)}
        where ${isOfLease(job)}`),
    )
  }
  const pause: ModelCalls['pause'] = async (seconds, reason) => {
    await database.run((db) =>
      db.execute(sql`
        update waste.model_circuit
        set open_until = greatest(open_until, now() + make_interval(secs => ${seconds})), reason = ${reason}`),
    )
  }

  return {
    begin: async (job) => {
      const { rows } = await database.run((db) =>
        db.execute<PermitRow>(sql`
          with moment as (
            select now() at time zone 'Asia/Seoul' as here
          ), circuit as (
            select greatest(0, extract(epoch from open_until - now()))::float8 as paused_seconds, failing
            from waste.model_circuit
          ), leased as (
            ${enterStage(job, 'vision')}
          ), earlier as (
            select count(*)::integer as earlier_calls from waste.model_calls
            where job_id = ${job.jobId} and counted and (outcome is null or outcome not in ('rate_limited', 'not_permitted'))
          ), minute as (
            insert into waste.model_budget as budget (period, calls)
            select to_char(here, '"minute:"YYYY-MM-DD"T"HH24:MI'), 1 from moment, circuit, leased, earlier
            where paused_seconds = 0 and earlier_calls < ${limits.callsPerJobMax}
            on conflict (period) do update set calls = budget.calls + 1 where budget.calls < ${limits.callsPerMinuteMax}
            returning calls
          ), day as (
            insert into waste.model_budget as budget (period, calls)
            select to_char(here, '"day:"YYYY-MM-DD'), 1 from moment, minute
            on conflict (period) do update set calls = budget.calls + 1 where budget.calls < ${limits.callsPerDayMax}
            returning calls
          ), begun as (
            insert into waste.model_calls (job_id, fencing_token)
            select ${job.jobId}, ${job.fencingToken} from day
          ), probe as (
            update waste.model_circuit set open_until = now() + make_interval(secs => ${probeSeconds})
            where failing and exists (select from day)
          )
          select
            (select paused_seconds from circuit) as paused_seconds,
            60 - extract(second from here)::float8 as minute_seconds,
            exists (select from minute) as minute_granted,
            exists (select from day) as day_granted,
            exists (select from leased) as leased,
            (select earlier_calls from earlier) as earlier_calls,
            (select failing from circuit) as failing
          from moment`),
      )
      const [row] = rows
      if (!row?.leased) return { kind: 'lease_lost' }
      if (row.earlier_calls >= limits.callsPerJobMax) return { kind: 'calls_used_up' }
      if (row.paused_seconds > 0) {
        // While a probe runs, the pause is longer than the probe may take.
        const delaySeconds = row.failing ? Math.min(row.paused_seconds, probePauseSeconds) : row.paused_seconds
        return { kind: 'paused', delaySeconds }
      }
      if (!row.minute_granted) return { kind: 'minute_full', delaySeconds: row.minute_seconds }
      if (!row.day_granted) return { kind: 'day_full' }
      return { kind: 'granted', callNo: row.earlier_calls + 1, isProbe: row.failing }
    },
    end,
    pause,
    endFailed: async (job, outcome) => {
      await end(job, outcome)
      const { rows } = await database.run((db) =>
        db.execute<{ counted: boolean }>(sql`
          with lately as (
            select count(*) filter (where ${isFailure} and ${isOfTenSeconds}) >= ${failuresInARow}
                -- A refusal, too, shows that the model is there: what one person uploads must not stop all others.
                and count(*) filter (where ${isAnswer} and ${isOfTenSeconds}) = 0 as failing,
              count(*) filter (where ${isAnswer}) > 0 as answered
            from waste.model_calls where ended_at > now() - interval '1 minute'
          ), uncounted as (
            update waste.model_calls set counted = false
            where ${isOfLease(job)} and not (select answered from lately)
          ), paused as (
            update waste.model_circuit as circuit
            set failing = true, reason = ${outcome}, open_until = greatest(open_until, now() + make_interval(
              secs => case when circuit.failing then ${probePauseSeconds}::float8 else ${failuresPauseSeconds}::float8 end))
            from lately where circuit.failing or lately.failing
          )
          select answered as counted from lately`),
      )
      return rows[0]?.counted ?? true
    },
    recover: async () => {
      await database.run((db) =>
        db.execute(sql`update waste.model_circuit set failing = false, open_until = now() where failing`),
      )
    },
  }
}

const isFailure = sql`outcome in ('timeout', 'network', 'server_error')`
const isAnswer = sql`outcome in ('answered', 'refused', 'invalid_image', 'truncated', 'malformed')`
const isOfTenSeconds = sql`ended_at > now() - interval '10 seconds'`
