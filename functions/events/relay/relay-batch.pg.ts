import { sql } from 'drizzle-orm'
import type { JsonCloudEvent } from '../../_lib/events/cloud-event.ts'
import { UnavailableError } from '../../_lib/http/errors.ts'
import type { PublishEvent } from '../../_lib/messaging/publish-event.ts'
import type { Logger } from '../../_lib/process/log.ts'
import type { Database, Queries } from '../../_lib/stores/database.pg.ts'
import type { RelayDeps, RelayReport } from './relay.ts'

export type BatchRelayDeps = {
  database: Database
  /** Must have its own deadline, since the rows are locked while it runs. */
  publish: PublishEvent
  log: Logger
  /** After this time without a statement PostgreSQL ends the transaction, and another relay can lock the rows. */
  idleMsMax?: number
}

type Due = { outbox_id: string; event: JsonCloudEvent }
type Failure = { outbox_id: string; error: string; parked: boolean }

const eventsAtOnceMax = 50
/** The longest back-off, which bounds the time from the return of the broker to the next attempt. */
const retrySecondsMax = 4

/**
 * Returns a function that publishes due events and marks them as sent in one transaction: a crash in between publishes them
 * twice and loses none. It selects by `next_at` and not by a cursor over ids, since transactions do not commit in id order.
 */
export function createBatchRelay(deps: BatchRelayDeps): RelayDeps['relayBatch'] {
  const { database, publish, log, idleMsMax = 5_000 } = deps
  return () =>
    database.transaction(async (tx) => {
      // Otherwise a frozen relay would keep its rows locked until TCP gives up, which takes hours.
      await tx.execute(sql`select set_config('idle_in_transaction_session_timeout', ${String(idleMsMax)}, true)`)
      const due = await lockDue(tx)
      // The async function turns an event that cannot be serialized into a rejection of its own.
      const results = await Promise.allSettled(due.map(async ({ event }) => publish(event)))
      const sent: string[] = []
      const failures: Failure[] = []
      for (const [index, { outbox_id, event }] of due.entries()) {
        const result = results[index]
        if (result?.status !== 'rejected') {
          sent.push(outbox_id)
          continue
        }
        // Any other failure is permanent.
        const parked = !(result.reason instanceof UnavailableError)
        failures.push({ outbox_id, error: String((result.reason as Error).message), parked })
        if (parked) log.error('An event was parked', { error: result.reason, event_id: event.id })
      }
      if (sent.length > 0) await markSent(tx, sent)
      if (failures.length > 0) await markFailed(tx, failures)
      const parked = failures.filter((failure) => failure.parked).length
      return { sent: sent.length, failed: failures.length - parked, parked } satisfies RelayReport
    })
}

async function lockDue(tx: Queries): Promise<Due[]> {
  const { rows } = await tx.execute<Due>(sql`
    select outbox_id, event from events.outbox
    where sent_at is null and parked_at is null and next_at <= now()
    order by next_at, outbox_id
    limit ${eventsAtOnceMax}
    for update skip locked`)
  return rows
}

async function markSent(tx: Queries, sent: readonly string[]): Promise<void> {
  await tx.execute(sql`
    update events.outbox set sent_at = now(), attempts = attempts + 1
    where outbox_id = any(${sql.param(`{${sent.join(',')}}`)}::bigint[])`)
}

async function markFailed(tx: Queries, failures: readonly Failure[]): Promise<void> {
  await tx.execute(sql`
    update events.outbox
    set attempts = attempts + 1, last_error = failure.error, parked_at = case when failure.parked then now() end,
      next_at = now() + make_interval(secs => least(${retrySecondsMax}, 2 ^ least(attempts, 10)))
    from jsonb_to_recordset(${JSON.stringify(failures)}::jsonb) as failure (outbox_id bigint, error text, parked boolean)
    where outbox.outbox_id = failure.outbox_id`)
}
