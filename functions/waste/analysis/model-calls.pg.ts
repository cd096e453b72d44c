import { sql } from 'drizzle-orm'
import type { Database } from '../../_lib/database.pg.ts'
import type { LeasedJob } from './analysis.ts'

export type ModelUsage = {
  inputTokens: number
  /** Reasoning included. */
  outputTokens: number
  reasoningTokens: number
  /** Undefined for a model whose price is not known. */
  costUsd: number | undefined
}

export type CallPermit =
  /** `callNo` counts this call and the earlier ones of the job; calls that the provider turned away do not count. */
  | { kind: 'granted'; callNo: number }
  | { kind: 'paused'; delaySeconds: number }
  | { kind: 'minute_full'; delaySeconds: number }
  | { kind: 'day_full' }
  /** Also by workers that died before they could say what became of their calls. */
  | { kind: 'calls_used_up' }
  | { kind: 'lease_lost' }

export type ModelCalls = {
  /** Reserves one call before it is sent, so that the ledger over-counts after a crash and never under-counts. */
  begin: (job: LeasedJob) => Promise<CallPermit>
  end: (job: LeasedJob, outcome: string, usage?: ModelUsage) => Promise<void>
  /** Stops all calls of all workers for some seconds. A longer pause is kept. */
  pause: (seconds: number, reason: string) => Promise<void>
  /** Ends a call that failed on the side of the model, and pauses all when it is the fifth in ten seconds without an answer of any kind. */
  endFailed: (job: LeasedJob, outcome: string) => Promise<void>
}

/** What a call has used, answered or not: an answer that is cut off is paid for like any other. */
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
}

const failuresInARow = 5
const failuresPauseSeconds = 10

export function createModelCalls(
  database: Database,
  limits: { callsPerMinuteMax: number; callsPerDayMax: number; callsPerJobMax: number },
): ModelCalls {
  const end: ModelCalls['end'] = async (job, outcome, usage) => {
    await database.run((db) =>
      db.execute(sql`
        update waste.model_calls
        set ended_at = now(), outcome = ${outcome}, ${usageColumns(usage)}
        where job_id = ${job.jobId} and lease_no = ${job.leaseNo}`),
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
            select greatest(0, extract(epoch from open_until - now()))::float8 as paused_seconds from waste.model_circuit
          ), leased as (
            update waste.jobs set stage = 'vision', progress = 50, updated_at = now()
            where job_id = ${job.jobId} and lease_no = ${job.leaseNo} and state = 'processing'
            returning job_id
          ), earlier as (
            select count(*)::integer as earlier_calls from waste.model_calls
            where job_id = ${job.jobId} and (outcome is null or outcome not in ('rate_limited', 'not_permitted'))
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
            insert into waste.model_calls (job_id, lease_no)
            select ${job.jobId}, ${job.leaseNo} from day
          )
          select
            (select paused_seconds from circuit) as paused_seconds,
            60 - extract(second from here)::float8 as minute_seconds,
            exists (select from minute) as minute_granted,
            exists (select from day) as day_granted,
            exists (select from leased) as leased,
            (select earlier_calls from earlier) as earlier_calls
          from moment`),
      )
      const [row] = rows
      if (!row?.leased) return { kind: 'lease_lost' }
      if (row.earlier_calls >= limits.callsPerJobMax) return { kind: 'calls_used_up' }
      if (row.paused_seconds > 0) return { kind: 'paused', delaySeconds: row.paused_seconds }
      if (!row.minute_granted) return { kind: 'minute_full', delaySeconds: row.minute_seconds }
      if (!row.day_granted) return { kind: 'day_full' }
      return { kind: 'granted', callNo: row.earlier_calls + 1 }
    },
    end,
    pause,
    endFailed: async (job, outcome) => {
      await end(job, outcome)
      const { rows } = await database.run((db) =>
        db.execute<{ failing: boolean }>(sql`
          select count(*) filter (where outcome in ('timeout', 'network', 'server_error')) >= ${failuresInARow}
            -- A refusal, too, shows that the model is there: what one person uploads must not stop all others.
            and count(*) filter (where outcome in ('answered', 'refused', 'invalid_image', 'truncated', 'malformed')) = 0
            as failing
          from waste.model_calls where ended_at > now() - interval '10 seconds'`),
      )
      if (rows[0]?.failing) await pause(failuresPauseSeconds, outcome)
    },
  }
}
