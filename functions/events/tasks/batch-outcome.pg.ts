import { sql } from 'drizzle-orm'
import type { Queries } from '../../_lib/stores/database.pg.ts'
import { claimNext, dateArray, endPeriod, keyOf, lockChain, type PeriodStep } from './batch-chain.pg.ts'

/** Where the last step stopped, and its counts so far. */
export type Checkpoint = { position: unknown; partial: unknown }

export type StepOutcome =
  | { kind: 'more'; checkpoint: Checkpoint; rows: number }
  | { kind: 'done'; rows: number }
  | { kind: 'failed'; reason: string }
  /** A week that needs these days counted first. */
  | { kind: 'waits'; days: readonly string[] }

/** Writes the outcome of a step and returns the next steps to publish. */
export async function settle(
  tx: Queries,
  period: PeriodStep & { run_ids: readonly string[] },
  outcome: StepOutcome,
): Promise<PeriodStep[]> {
  const { task, fence } = period
  if (outcome.kind === 'more') {
    const { position, partial } = outcome.checkpoint
    await tx.execute(sql`
      update events.batch_periods
      set position = ${JSON.stringify(position)}::jsonb, partial = ${JSON.stringify(partial)}::jsonb,
        rows_read = rows_read + ${outcome.rows}, fence = fence + 1, resumes = 0, last_error = null,
        updated_at = clock_timestamp()
      where ${keyOf(period)}`)
    return [{ task, period: period.period, fence: fence + 1 }]
  }
  if (outcome.kind === 'waits') {
    await tx.execute(sql`
      insert into events.batch_periods as kept (task, period, state)
      select 'analytics.daily', day, 'waiting' from unnest(${dateArray(outcome.days)}) as day order by day
      on conflict (task, period) do update
        set state = 'waiting', fence = kept.fence + 1, ended_at = null, updated_at = clock_timestamp()
        where kept.state = 'done'`)
    await lockChain(tx)
    await tx.execute(sql`
      update events.batch_periods set state = 'waiting', fence = fence + 1, updated_at = clock_timestamp()
      where ${keyOf(period)}`)
    return claimNext(tx)
  }
  await lockChain(tx)
  await endPeriod(tx, period, outcome.kind === 'failed' ? { failed: outcome.reason } : { rows: outcome.rows })
  return claimNext(tx)
}
