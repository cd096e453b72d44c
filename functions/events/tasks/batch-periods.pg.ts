import { type SQL, sql } from 'drizzle-orm'
import type { BatchTask } from '../../_contracts/batch-range.v1.ts'
import type { JsonCloudEvent } from '../../_lib/cloud-event.ts'
import type { Database, Queries } from '../../_lib/database.pg.ts'
import { RejectedEventError } from '../../_lib/errors.ts'
import { recordHandled } from '../../_lib/inbox.pg.ts'
import type { Outbox } from '../../_lib/outbox.pg.ts'
import { type BatchRecords, createBatchRecords } from './batch-records.pg.ts'

/** Which step of which period; `fence` is the fencing token. */
export type PeriodStep = { task: BatchTask; period: string; fence: number }

/** Where the last step has stopped. */
export type Checkpoint = { position: unknown; partial: unknown }

export type StepOutcome =
  | { kind: 'more'; checkpoint: Checkpoint; rows: number }
  | { kind: 'done'; rows: number }
  | { kind: 'failed'; reason: string }
  /** Needs days that are not counted yet: they are counted first. */
  | { kind: 'waits'; days: readonly string[] }

export type StepWork = (records: BatchRecords, checkpoint: Checkpoint | undefined) => Promise<StepOutcome>

export type BatchOrder = {
  task: BatchTask
  firstDay: string
  lastDay: string
  periods: readonly string[]
  again: boolean
  runId: string
  /** Keeps a run even when there is nothing to do, for whoever follows it. */
  followed: boolean
}

export type BatchPeriodsDeps = {
  /** One connection for each delivery, and one for notes. */
  database: Database
  outbox: Outbox
  consumer: string
  /** The event that orders a step. `traceparent` is that of the event at work. */
  orderStep: (step: PeriodStep, traceparent: string | undefined) => JsonCloudEvent
  /** A process that freezes for longer loses its step. */
  idleMsMax?: number
}

export type BatchPeriods = ReturnType<typeof createBatchPeriods>

/** A step that has not moved for so long is ordered once more, by a tick every five minutes: after an hour of that it is a fault. */
const quietSeconds = 120
const resumesMax = 12
const resumedAtOnceMax = 50
const failuresKept = 20

type OpenPeriod = PeriodStep & { run_ids: string[]; resumes: number; last_error: string | null; state: string }

/** What is to be done, one row a period: any number of orders and deliveries may meet there. */
export function createBatchPeriods(deps: BatchPeriodsDeps) {
  const { database, outbox, orderStep, idleMsMax = 4_000 } = deps

  /** Does the work of an event once, in one transaction with its note and with the orders that follow from it. */
  const once = async (
    event: JsonCloudEvent,
    work: (tx: Queries) => Promise<readonly PeriodStep[]>,
  ): Promise<'done' | 'done_before'> => {
    const ordered = await database.transaction(async (tx) => {
      await tx.execute(sql`select set_config('idle_in_transaction_session_timeout', ${String(idleMsMax)}, true)`)
      // First: a second delivery at the same time waits here for the end of the first.
      if (!(await recordHandled(tx, deps.consumer, event))) return undefined
      const steps = await work(tx)
      const events = steps.map((step) => orderStep(step, event.extensions.traceparent))
      for (const next of events) await outbox.append(tx, next)
      return events
    })
    if (ordered === undefined) return 'done_before'
    await outbox.flush(ordered)
    return 'done'
  }

  return {
    /** The last day that is over, and how many of the periods are done: all that an order needs which finds nothing to do. */
    look: async (task: BatchTask, periods: readonly string[]): Promise<{ closedDay: string; done: number }> => {
      const { rows } = await database.run((db) =>
        db.execute<{ closedDay: string; done: number }>(sql`
          select ${lastClosedDay}::text as "closedDay", count(*)::integer as done from events.batch_periods
          where task = ${task} and period = any(${dateArray(periods)}) and state = 'done'`),
      )
      return rows[0] ?? { closedDay: '', done: 0 }
    },

    /** Marks what is missing, or all of it again, and orders a first step. Resolves to the number of periods marked. */
    plan: async (event: JsonCloudEvent, order: BatchOrder): Promise<number> => {
      let planned = 0
      await once(event, async (tx) => {
        planned = await markPeriods(tx, order)
        if (planned === 0 && !order.followed) return []
        await insertRun(tx, order, planned, event.source)
        return planned === 0 ? [] : startNext(tx)
      })
      return planned
    },

    /** Takes a step once. An order that is void, because its step was taken or begun anew, costs one query and is no failure. */
    takeStep: async (
      event: JsonCloudEvent,
      step: PeriodStep,
      work: StepWork,
    ): Promise<StepOutcome['kind'] | 'void'> => {
      const key = sql`task = ${step.task} and period = ${step.period}::date`
      const current = sql`${key} and fence = ${step.fence} and state = 'running'`
      const { rows } = await database.run((db) =>
        db.execute<{ current: boolean }>(sql`select ${current} as current from events.batch_periods where ${key}`),
      )
      if (!rows[0]) throw new RejectedEventError('unknown_period', 'Nobody has ordered the work of this period')
      if (!rows[0].current) return 'void'
      let kind: StepOutcome['kind'] | 'void' = 'void'
      try {
        await once(event, async (tx) => {
          const locked = await tx.execute<OpenPeriod & Checkpoint>(
            sql`select run_ids, position, partial from events.batch_periods where ${current} for update`,
          )
          const [period] = locked.rows
          if (!period) return []
          const outcome = await work(createBatchRecords(tx), period.partial === null ? undefined : period)
          kind = outcome.kind
          return settle(tx, { ...step, run_ids: period.run_ids }, outcome)
        })
        return kind
      } catch (error) {
        await database
          .run((db) =>
            db.execute(sql`update events.batch_periods set last_error = ${describeFailure(error)} where ${current}`),
          )
          // The failure itself says more than that it could not be noted.
          .catch(() => undefined)
        throw error
      }
    },

    /** Orders steps once more that have stood still, from their checkpoints, and gives up those that always do. */
    resume: async (event: JsonCloudEvent): Promise<{ resumed: number; givenUp: number }> => {
      const report = { resumed: 0, givenUp: 0 }
      const { rows } = await database.run((db) =>
        db.execute(sql`
          select from events.batch_periods where state = 'waiting' or (state = 'running' and ${isQuiet}) limit 1`),
      )
      if (rows.length === 0) return report
      await once(event, async (tx) => {
        const quiet = await tx.execute<OpenPeriod>(sql`
            select task, period::text as period, fence, run_ids, resumes, last_error from events.batch_periods
            where state = 'running' and ${isQuiet}
            order by task, period limit ${resumedAtOnceMax} for update skip locked`)
        await lockChain(tx)
        const steps: PeriodStep[] = []
        for (const period of quiet.rows) {
          if (period.resumes >= resumesMax) {
            await endPeriod(tx, period, { failed: period.last_error ?? 'stalled' })
            report.givenUp += 1
            continue
          }
          await tx.execute(sql`
              update events.batch_periods set resumes = resumes + 1, updated_at = clock_timestamp() where ${keyOf(period)}`)
          // Under the same fence: the order that seemed lost may only be waiting for its turn, and one of the two is then void.
          steps.push({ task: period.task, period: period.period, fence: period.fence })
        }
        report.resumed = steps.length
        const running = await tx.execute(sql`select from events.batch_periods where state = 'running' limit 1`)
        return running.rows.length > 0 ? steps : [...steps, ...(await claimNext(tx))]
      })
      return report
    },
  }
}

// An analysis may end late by as long as its transaction takes; 15 minutes are more than any.
const lastClosedDay = sql`(((now() - interval '15 minutes') at time zone 'Asia/Seoul')::date - 1)`
const isQuiet = sql`updated_at < now() - make_interval(secs => ${quietSeconds})`
const keyOf = ({ task, period }: Pick<PeriodStep, 'task' | 'period'>): SQL =>
  sql`task = ${task} and period = ${period}::date`
const dateArray = (days: readonly string[]): SQL => sql`${`{${days.join(',')}}`}::date[]`

/**
 * What is done stays so unless it is to be done again; then what is being counted begins anew, since it has passed over what came
 * late. What failed is tried again. In the order of the key, so that two orders wait for each other and never in a circle.
 */
async function markPeriods(tx: Queries, { task, periods, again, runId }: BatchOrder): Promise<number> {
  const anew = again ? sql`true` : sql`kept.state = 'failed'`
  const keep = (column: SQL, value: SQL) => sql`${column} = case when ${anew} then ${value} else kept.${column} end`
  const { rowCount } = await tx.execute(sql`
    insert into events.batch_periods as kept (task, period, state, run_ids)
    select ${task}, period, 'waiting', array[${runId}::uuid] from unnest(${dateArray(periods)}) as period order by period
    on conflict (task, period) do update set
      run_ids = kept.run_ids || excluded.run_ids,
      ${sql.join(
        [
          keep(sql`state`, sql`'waiting'`),
          keep(sql`fence`, sql`kept.fence + 1`),
          keep(sql`position`, sql`null`),
          keep(sql`partial`, sql`null`),
          keep(sql`rows_read`, sql`0`),
          keep(sql`resumes`, sql`0`),
          keep(sql`last_error`, sql`null`),
          keep(sql`ended_at`, sql`null`),
        ],
        sql`, `,
      )},
      updated_at = clock_timestamp()
    where ${again} or kept.state <> 'done'`)
  return rowCount ?? 0
}

async function insertRun(tx: Queries, order: BatchOrder, planned: number, orderedBy: string): Promise<void> {
  const { rowCount } = await tx.execute(sql`
    insert into events.batch_runs (run_id, task, first_day, last_day, again, ordered_by, periods, ended_at)
    values (${order.runId}, ${order.task}, ${order.firstDay}, ${order.lastDay}, ${order.again}, ${orderedBy}, ${planned},
      ${planned === 0 ? sql`now()` : sql`null`})
    on conflict (run_id) do nothing`)
  if (rowCount === 0) throw new RejectedEventError('run_id_taken', 'Another order has the same "run_id"')
}

/** Writes what a step has come to, and tells what is to be done next. */
async function settle(
  tx: Queries,
  period: PeriodStep & { run_ids: string[] },
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

/** Ends a period, and each of its runs that has no other left. The chain is locked, so runs are updated by one at a time. */
async function endPeriod(
  tx: Queries,
  period: Pick<OpenPeriod, 'task' | 'period' | 'run_ids'>,
  end: { failed: string } | { rows: number },
): Promise<void> {
  const failed = 'failed' in end
  await tx.execute(sql`
    update events.batch_periods
    set state = ${failed ? 'failed' : 'done'}, fence = fence + 1, position = null, partial = null, run_ids = '{}',
      rows_read = rows_read + ${failed ? 0 : end.rows}, resumes = 0, last_error = ${failed ? end.failed : null},
      updated_at = clock_timestamp(), ended_at = clock_timestamp()
    where ${keyOf(period)}`)
  const failure = JSON.stringify([{ period: period.period, reason: failed ? end.failed : '' }])
  await tx.execute(sql`
    update events.batch_runs
    set done = done + ${failed ? 0 : 1}, failed = failed + ${failed ? 1 : 0},
      failures = case when ${failed} and jsonb_array_length(failures) < ${failuresKept}
        then failures || ${failure}::jsonb else failures end,
      ended_at = case when done + failed + 1 = periods then clock_timestamp() end
    where run_id = any(${`{${period.run_ids.join(',')}}`}::uuid[])`)
}

async function startNext(tx: Queries): Promise<PeriodStep[]> {
  await lockChain(tx)
  return claimNext(tx)
}

/** Whoever ends a period looks for another, and whoever marks one starts it: one after the other, or both might see nothing. */
async function lockChain(tx: Queries): Promise<void> {
  await tx.execute(sql`select pg_advisory_xact_lock(hashtextextended('events.batch_periods', 0))`)
}

/** The earliest that waits, days before weeks. A week waits for the days of it that are being counted. */
async function claimNext(tx: Queries): Promise<PeriodStep[]> {
  const { rows } = await tx.execute<PeriodStep>(sql`
    update events.batch_periods as claimed
    set state = 'running', fence = fence + 1, resumes = 0, updated_at = clock_timestamp()
    where (task, period) = (
      select task, period from events.batch_periods as next
      where state = 'waiting' and (task = 'analytics.daily' or not exists (
        select from events.batch_periods as day
        where day.task = 'analytics.daily' and day.state in ('waiting', 'running')
          and day.period between next.period and next.period + 6))
      order by task, period limit 1 for update skip locked
    )
    returning task, period::text as period, fence`)
  return rows
}

/** Without values of any row. */
function describeFailure(error: unknown): string {
  if (error instanceof Error && 'dependency' in error) return `${String(error.dependency)}_unavailable`
  return error instanceof Error ? error.name : 'unknown'
}
