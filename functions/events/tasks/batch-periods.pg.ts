import { sql } from 'drizzle-orm'
import type { BatchTask } from '../../_contracts/events/batch-range.v1.ts'
import type { JsonCloudEvent } from '../../_lib/events/cloud-event.ts'
import { RejectedEventError } from '../../_lib/http/errors.ts'
import { isFirstHandling } from '../../_lib/messaging/inbox.pg.ts'
import type { Outbox } from '../../_lib/messaging/outbox.pg.ts'
import type { Database, Queries } from '../../_lib/stores/database.pg.ts'
import { claimNext, dateArray, endPeriod, keyOf, lockChain, type PeriodStep, startNext } from './batch-chain.pg.ts'
import { type Checkpoint, type StepOutcome, settle } from './batch-outcome.pg.ts'
import { type BatchRecords, createBatchRecords } from './batch-records.pg.ts'
import { insertRun, planPeriods, type RunRequest } from './batch-runs.pg.ts'

export type StepWork = (records: BatchRecords, checkpoint: Checkpoint | undefined) => Promise<StepOutcome>

export type BatchPeriodsDeps = {
  /** Needs one connection for each delivery, and one for error notes. */
  database: Database
  outbox: Outbox
  consumer: string
  /** Creates the command of a step. `traceparent` is that of the event being handled. */
  createStepCommand: (step: PeriodStep, traceparent: string | undefined) => JsonCloudEvent
  /** A process that freezes for longer loses its step to another. */
  idleMsMax?: number
}

export type BatchPeriods = ReturnType<typeof createBatchPeriods>

/** A step without progress for this long is stalled; its command is sent again by a tick every five minutes, for an hour. */
const stalledSeconds = 120
const resumesMax = 12
const resumedAtOnceMax = 50

type OpenPeriod = PeriodStep & { run_ids: string[]; resumes: number; last_error: string | null; state: string }

/**
 * Creates the operations on `events.batch_periods`, which has one row per period: runs that overlap and deliveries that repeat
 * meet in that row. Each operation handles its event once.
 */
export function createBatchPeriods(deps: BatchPeriodsDeps) {
  const { database, outbox, createStepCommand, idleMsMax = 4_000 } = deps

  /** Does the work of an event once, in one transaction with its inbox row and with the commands that follow. */
  const handleOnce = async (
    event: JsonCloudEvent,
    work: (tx: Queries) => Promise<readonly PeriodStep[]>,
  ): Promise<'done' | 'done_before'> => {
    const published = await database.transaction(async (tx) => {
      await tx.execute(sql`select set_config('idle_in_transaction_session_timeout', ${String(idleMsMax)}, true)`)
      // First, so that a concurrent delivery waits here for the end of this one.
      if (!(await isFirstHandling(tx, deps.consumer, event))) return undefined
      const steps = await work(tx)
      const events = steps.map((step) => createStepCommand(step, event.extensions.traceparent))
      for (const next of events) await outbox.append(tx, next)
      return events
    })
    if (published === undefined) return 'done_before'
    await outbox.flush(published)
    return 'done'
  }

  return {
    /** Reads the last closed day and how many of the periods are done; one query, enough when there is nothing to do. */
    look: async (task: BatchTask, periods: readonly string[]): Promise<{ closedDay: string; done: number }> => {
      const { rows } = await database.run((db) =>
        db.execute<{ closedDay: string; done: number }>(sql`
          select ${lastClosedDay}::text as "closedDay", count(*)::integer as done from events.batch_periods
          where task = ${task} and period = any(${dateArray(periods)}) and state = 'done'`),
      )
      return rows[0] ?? { closedDay: '', done: 0 }
    },

    /** Plans the missing periods, or all of them again, and publishes a first step. Resolves to the number of planned periods. */
    plan: async (event: JsonCloudEvent, request: RunRequest): Promise<number> => {
      let planned = 0
      await handleOnce(event, async (tx) => {
        planned = await planPeriods(tx, request)
        if (planned === 0 && !request.followed) return []
        await insertRun(tx, request, planned, event.source)
        return planned === 0 ? [] : startNext(tx)
      })
      return planned
    },

    /** Takes a step once. A command with an older fencing token costs one query, changes nothing and resolves to `void`. */
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
      if (!rows[0]) throw new RejectedEventError('unknown_period', 'No run has planned this period')
      if (!rows[0].current) return 'void'
      let kind: StepOutcome['kind'] | 'void' = 'void'
      try {
        await handleOnce(event, async (tx) => {
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
          // The original error is the one to report.
          .catch(() => undefined)
        throw error
      }
    },

    /** Publishes the commands of stalled steps again, from their checkpoints, and fails periods that stalled too often. */
    resume: async (event: JsonCloudEvent): Promise<{ resumed: number; givenUp: number }> => {
      const report = { resumed: 0, givenUp: 0 }
      const { rows } = await database.run((db) =>
        db.execute(sql`
          select from events.batch_periods where state = 'waiting' or (state = 'running' and ${isStalled}) limit 1`),
      )
      if (rows.length === 0) return report
      await handleOnce(event, async (tx) => {
        const stalled = await tx.execute<OpenPeriod>(sql`
            select task, period::text as period, fence, run_ids, resumes, last_error from events.batch_periods
            where state = 'running' and ${isStalled}
            order by task, period limit ${resumedAtOnceMax} for update skip locked`)
        await lockChain(tx)
        const steps: PeriodStep[] = []
        for (const period of stalled.rows) {
          if (period.resumes >= resumesMax) {
            await endPeriod(tx, period, { failed: period.last_error ?? 'stalled' })
            report.givenUp += 1
            continue
          }
          await tx.execute(sql`
              update events.batch_periods set resumes = resumes + 1, updated_at = clock_timestamp() where ${keyOf(period)}`)
          // Under the same fencing token: the first command may only be late, and then one of the two is void.
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

// An analysis appears in its day when its transaction commits; 15 minutes is longer than any transaction.
const lastClosedDay = sql`(((now() - interval '15 minutes') at time zone 'Asia/Seoul')::date - 1)`
const isStalled = sql`updated_at < now() - make_interval(secs => ${stalledSeconds})`

/** The name of the error, without values of any row. */
function describeFailure(error: unknown): string {
  if (error instanceof Error && 'dependency' in error) return `${String(error.dependency)}_unavailable`
  return error instanceof Error ? error.name : 'unknown'
}
