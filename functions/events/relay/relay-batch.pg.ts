import { sql } from 'drizzle-orm'
import type { JsonCloudEvent } from '../../_lib/cloud-event.ts'
import type { Database } from '../../_lib/database.pg.ts'
import type { Logger } from '../../_lib/log.ts'
import { type PublishEvent, UnpublishableEventError } from '../../_lib/publish-event.ts'
import type { RelayBatch, RelayDeps } from './relay.ts'

const eventsAtOnceMax = 50
/** A broker that comes back is found by the first try after this, so it bounds the recovery. */
const retrySecondsMax = 10

/**
 * Publishes what is due and marks it in one transaction: a crash in between sends it twice, and never not at all. Rows are
 * chosen by `next_at` and not by a cursor over ids, since ids do not become visible in their order.
 */
export function createBatchRelay(deps: {
  database: Database
  publish: PublishEvent
  log: Logger
}): RelayDeps['relayBatch'] {
  return () =>
    deps.database.transaction(async (tx) => {
      const { rows } = await tx.execute<{ outbox_id: string; event: JsonCloudEvent }>(sql`
        select outbox_id, event from events.outbox
        where sent_at is null and parked_at is null and next_at <= now()
        order by next_at
        limit ${eventsAtOnceMax}
        for update skip locked`)
      const report: RelayBatch = { sent: 0, failed: 0, parked: 0 }
      const results = await Promise.allSettled(rows.map((row) => deps.publish(row.event)))
      const sent = rows.filter((_, index) => results[index]?.status === 'fulfilled').map((row) => row.outbox_id)
      report.sent = sent.length
      if (sent.length > 0) {
        await tx.execute(sql`
          update events.outbox set sent_at = now(), attempts = attempts + 1
          where outbox_id = any(${sql.param(`{${sent.join(',')}}`)}::bigint[])`)
      }
      for (const [index, row] of rows.entries()) {
        const result = results[index]
        if (result?.status !== 'rejected') continue
        const parked = result.reason instanceof UnpublishableEventError
        report[parked ? 'parked' : 'failed'] += 1
        if (parked) deps.log.error('An event was parked', { error: result.reason, event_id: row.event.id })
        await tx.execute(sql`
          update events.outbox
          set attempts = attempts + 1, last_error = ${(result.reason as Error).message},
            parked_at = case when ${parked} then now() end,
            next_at = now() + make_interval(secs => least(${retrySecondsMax}, 2 ^ least(attempts, 10)))
          where outbox_id = ${row.outbox_id}`)
      }
      return report
    })
}
