import { type SQL, sql } from 'drizzle-orm'
import { queueConsumers } from '../../_contracts/queue-consumers.ts'
import { queueNames } from '../../_contracts/queues.ts'
import type { CleanupStep } from '../../_lib/stores/cleanup.ts'
import type { Database } from '../../_lib/stores/database.pg.ts'

const batchRowsDefault = 1_000
const uuidPattern = '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$'
const analysisQueues = queueNames.filter((queue) => queueConsumers[queue].startsWith('waste-'))

/**
 * Creates the step that closes open dead letters whose work has ended anyway: their consumer has handled the event since, or the
 * job of the command has ended. Rejected events stay open for an operator, since nothing else reports them.
 */
export function createDeadLetterCloser(database: Database, options: { batchRows?: number } = {}): CleanupStep {
  const { batchRows = batchRowsDefault } = options
  return {
    name: 'closed_dead_letters',
    run: async (from, dryRun) => {
      const { rows } = await database.run((db) =>
        db.execute<{ found: number; last: string | null; closed: number }>(dryRun ? look(from) : close(from)),
      )
      const [page] = rows
      const next = page && page.found === batchRows && page.last !== null ? page.last : undefined
      return { removed: { closed_dead_letters: page?.closed ?? 0 }, next }
    },
  }

  /** A page of open dead letters, each with how its work ended, or null. */
  function page(from: string | undefined, lock: SQL): SQL {
    return sql`
      page as materialized (
        select dead_letter_id, consumer, event_source, event_id,
          -- The subject of a command to analyse, or to take a step of it, is the id of the job.
          case when queue = any(${sql.param(analysisQueues)}) and headers ->> 'ce-subject' ~ ${uuidPattern}
            then (headers ->> 'ce-subject')::uuid end as job_id
        from events.dead_letters
        where state = 'open' and kind = 'dead_letter' and ${from ? sql`dead_letter_id > ${from}::uuid` : sql`true`}
        order by dead_letter_id limit ${batchRows} ${lock}
      ), ended as (
        select dead_letter_id, coalesce(
          (select 'handled_since' from events.inbox
           where inbox.consumer = page.consumer and inbox.source = page.event_source and inbox.event_id = page.event_id),
          (select 'handled_since' from events.cleanup_runs as run
           where run.event_source = page.event_source and run.event_id = page.event_id and run.ended_at is not null),
          (select 'job_' || state from waste.ended_analyses_v1 as analysis where analysis.job_id = page.job_id)
        ) as reason
        from page
      )`
  }

  function look(from: string | undefined): SQL {
    return sql`
      with ${page(from, sql``)}
      select count(*)::int as found, max(dead_letter_id::text) as last, count(reason)::int as closed from ended`
  }

  function close(from: string | undefined): SQL {
    return sql`
      with ${page(from, sql`for update skip locked`)}, closed as (
        update events.dead_letters as open set state = 'closed', closed_at = now(), closed_reason = ended.reason
        from ended where ended.dead_letter_id = open.dead_letter_id and ended.reason is not null
        returning 1
      )
      select count(*)::int as found, max(dead_letter_id::text) as last,
        (select count(*)::int from closed) as closed from ended`
  }
}
