import { sql } from 'drizzle-orm'
import type { JsonCloudEvent } from '../../_lib/events/cloud-event.ts'
import { UnavailableError } from '../../_lib/http/errors.ts'
import type { Outbox } from '../../_lib/messaging/outbox.pg.ts'
import type { Removed } from '../../_lib/stores/cleanup.ts'
import type { Database } from '../../_lib/stores/database.pg.ts'

export type CleanupTurn = { runId: string; turn: number; task: string; dryRun: boolean }

export type CleanupTurnOutcome = {
  removed: Removed
  /** The command of the next turn; undefined when there is none. */
  next: JsonCloudEvent | undefined
  /** Whether nothing was left to do. */
  finished: boolean
}

export type CleanupRunsDeps = {
  /** Needs two connections for each turn. */
  database: Database
  outbox: Outbox
  /** A process that freezes for longer loses its turn to another. */
  idleMsMax?: number
}

/**
 * Returns a function that does the turn of an event once: a repeated delivery resolves to `done_before`, a concurrent one throws
 * `UnavailableError`. The counts given to `note` stay when the turn fails; its end and the next command are one transaction.
 */
export function createCleanupRuns({ database, outbox, idleMsMax = 30_000 }: CleanupRunsDeps) {
  return async (
    event: Pick<JsonCloudEvent, 'source' | 'id'>,
    turn: CleanupTurn,
    work: (note: (removed: Removed) => Promise<void>) => Promise<CleanupTurnOutcome>,
  ): Promise<'done' | 'done_before'> => {
    const row = sql`event_source = ${event.source} and event_id = ${event.id}`
    const next = await database.transaction(async (tx) => {
      await tx.execute(sql`select set_config('idle_in_transaction_session_timeout', ${String(idleMsMax)}, true)`)
      // The connection holds the lock, so a crash frees it at once; a lease would have to run out.
      const lockName = `cleanup_runs ${event.source} ${event.id}`
      const locked = await tx.execute<{ ours: boolean }>(
        sql`select pg_try_advisory_xact_lock(hashtextextended(${lockName}, 0)) as ours`,
      )
      if (!locked.rows[0]?.ours) throw new UnavailableError('cleanup', 'Another delivery of the event is being handled')
      // Outside the transaction, so that a failed turn keeps the counts of what it removed.
      const begun = await database.run((db) =>
        db.execute<{ ended: boolean; removed: Removed }>(sql`
          insert into events.cleanup_runs (event_source, event_id, run_id, turn, task, dry_run)
          values (${event.source}, ${event.id}, ${turn.runId}, ${turn.turn}, ${turn.task}, ${turn.dryRun})
          on conflict (event_source, event_id) do update set task = cleanup_runs.task
          returning ended_at is not null as ended, removed`),
      )
      const [{ ended, removed: removedBefore } = { ended: false, removed: {} }] = begun.rows
      if (ended) return 'done_before' as const
      // A repeated dry run counts everything again.
      const total = (removed: Removed) => JSON.stringify(turn.dryRun ? removed : addRemoved(removedBefore, removed))
      const outcome = await work(async (removed) => {
        await database.run((db) =>
          db.execute(sql`update events.cleanup_runs set removed = ${total(removed)}::jsonb where ${row}`),
        )
      })
      await tx.execute(sql`
        update events.cleanup_runs
        set removed = ${total(outcome.removed)}::jsonb, ended_at = clock_timestamp(), finished = ${outcome.finished}
        where ${row}`)
      if (outcome.next) await outbox.append(tx, outcome.next)
      return outcome.next
    })
    if (next === 'done_before') return next
    if (next) await outbox.flush([next])
    return 'done'
  }
}

/** Adds two counts by kind. */
export function addRemoved(one: Removed, other: Removed): Removed {
  const sum = { ...one }
  for (const [kind, count] of Object.entries(other)) sum[kind] = (sum[kind] ?? 0) + count
  return sum
}
