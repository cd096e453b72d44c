import { sql } from 'drizzle-orm'
import type { BatchTask } from '../../_contracts/batch-range.v1.ts'
import type { JsonCloudEvent } from '../../_lib/events/cloud-event.ts'
import { RejectedEventError } from '../../_lib/http/errors.ts'
import { isFirstHandling } from '../../_lib/messaging/inbox.pg.ts'
import type { Outbox } from '../../_lib/messaging/outbox.pg.ts'
import type { Database, Queries } from '../../_lib/stores/database.pg.ts'
import { claimNext, dateArray, endPeriod, keyOf, lockChain, type PeriodStep, startNext } from './batch-chain.pg.ts'
import { type BatchOrder, insertRun, markPeriods } from './batch-orders.pg.ts'
import { type Checkpoint, type StepOutcome, settle } from './batch-outcome.pg.ts'
import { type BatchRecords, createBatchRecords } from './batch-records.pg.ts'

export type StepWork = (records: BatchRecords, checkpoint: Checkpoint | undefined) => Promise<StepOutcome>

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
      if (!(await isFirstHandling(tx, deps.consumer, event))) return undefined
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

/** Without values of any row. */
function describeFailure(error: unknown): string {
  if (error instanceof Error && 'dependency' in error) return `${String(error.dependency)}_unavailable`
  return error instanceof Error ? error.name : 'unknown'
}
