import { sql } from 'drizzle-orm'
import { outboundServices } from '../messaging/events-schema.ts'
import type { Database, Queries } from '../stores/database.pg.ts'
import { admitCall, type CircuitState, settleCall } from './circuit-breaker.ts'
import type { CircuitBreaker } from './outbound-call.ts'

type Row = Record<
  | 'tokens'
  | 'refilled_at'
  | 'paused_until'
  | 'window_began_at'
  | 'succeeded'
  | 'failed'
  | 'open_until'
  | 'openings'
  | 'probe_no'
  | 'probe_until'
  | 'now',
  number | null
>

/**
 * A rate limiter and circuit breaker that all workers share: one row for each service, locked for each decision, so that a token taken or
 * a failure seen by one worker counts for all. Time is that of the database. `admit` and `settle` throw what the database throws.
 */
export function createCircuitBreaker(database: Database): CircuitBreaker {
  return {
    admit: ({ name, limits }) =>
      database.transaction(async (tx) => {
        // The first call of a service creates its row with a full bucket.
        await tx.insert(outboundServices).values({ service: name, tokens: limits.callsAtOnceMax }).onConflictDoNothing()
        const { state, now } = await lock(tx, name)
        const decided = admitCall(state, limits, now)
        await write(tx, name, decided.state)
        return decided.admission
      }),
    settle: ({ name }, admitted, outcome) =>
      database.transaction(async (tx) => {
        const { state, now } = await lock(tx, name)
        const settled = settleCall(state, admitted, outcome, now)
        await write(tx, name, settled)
        return { wasOpen: state.openUntil !== null, isOpen: settled.openUntil !== null }
      }),
  }
}

const seconds = (column: string) =>
  sql`extract(epoch from ${sql.identifier(column)})::float8 as ${sql.identifier(column)}`

async function lock(tx: Queries, service: string): Promise<{ state: CircuitState; now: number }> {
  // Two statements, so that the time is read after the lock is held and not when the wait for it began.
  await tx.execute(sql`select from events.outbound_services where service = ${service} for update`)
  const { rows } = await tx.execute<Row>(sql`
    select tokens, succeeded, failed, openings, probe_no::float8 as probe_no, ${seconds('refilled_at')},
      ${seconds('paused_until')}, ${seconds('window_began_at')}, ${seconds('open_until')}, ${seconds('probe_until')},
      extract(epoch from clock_timestamp())::float8 as now
    from events.outbound_services where service = ${service}`)
  const [row] = rows
  if (!row) throw new Error(`The service "${service}" has no row`)
  return {
    now: Number(row.now),
    state: {
      tokens: Number(row.tokens),
      refilledAt: Number(row.refilled_at),
      pausedUntil: row.paused_until,
      windowBeganAt: Number(row.window_began_at),
      succeeded: Number(row.succeeded),
      failed: Number(row.failed),
      openUntil: row.open_until,
      openings: Number(row.openings),
      probeNo: Number(row.probe_no),
      probeUntil: row.probe_until,
    },
  }
}

async function write(tx: Queries, service: string, state: CircuitState): Promise<void> {
  await tx.execute(sql`
    update events.outbound_services
    set tokens = ${state.tokens}, refilled_at = to_timestamp(${state.refilledAt}),
      paused_until = to_timestamp(${state.pausedUntil}), window_began_at = to_timestamp(${state.windowBeganAt}),
      succeeded = ${state.succeeded}, failed = ${state.failed}, open_until = to_timestamp(${state.openUntil}),
      openings = ${state.openings}, probe_no = ${state.probeNo}, probe_until = to_timestamp(${state.probeUntil})
    where service = ${service}`)
}
