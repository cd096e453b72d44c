import { sql } from 'drizzle-orm'
import {
  bigint,
  boolean,
  check,
  date,
  index,
  integer,
  jsonb,
  pgSchema,
  primaryKey,
  smallint,
  text,
  uuid,
} from 'drizzle-orm/pg-core'
import { moment } from '../_lib/stores/columns.pg.ts'

const events = pgSchema('events')

/** One row for each event that commanded a clean-up: what it removed, and whether it is done. */
export const cleanupRuns = events.table(
  'cleanup_runs',
  {
    eventSource: text('event_source').notNull(),
    eventId: text('event_id').notNull(),
    /** The same for all turns of one run: a turn that runs out of time commands the next. */
    runId: uuid('run_id').notNull(),
    turn: integer('turn').notNull(),
    task: text('task').notNull(),
    dryRun: boolean('dry_run').notNull(),
    removed: jsonb('removed').notNull().default(sql`'{}'`),
    startedAt: moment('started_at').notNull().defaultNow(),
    endedAt: moment('ended_at'),
    /** Whether nothing was left to do; null until the turn ends. */
    finished: boolean('finished'),
  },
  (table) => [
    primaryKey({ name: 'cleanup_runs_pkey', columns: [table.eventSource, table.eventId] }),
    index('cleanup_runs_age').on(table.startedAt),
    check('cleanup_runs_turn_check', sql`${table.turn} >= 1`),
    check('cleanup_runs_check', sql`(${table.endedAt} is null) = (${table.finished} is null)`),
  ],
)

/** One row for each command of batch work that found something to do: a range of periods of one task. */
export const batchRuns = events.table(
  'batch_runs',
  {
    runId: uuid('run_id').primaryKey(),
    task: text('task').notNull(),
    firstDay: date('first_day').notNull(),
    lastDay: date('last_day').notNull(),
    /** Whether periods that were done before are done once more. */
    again: boolean('again').notNull(),
    /** Source of the event that commanded it. */
    orderedBy: text('ordered_by').notNull(),
    periods: integer('periods').notNull(),
    done: integer('done').notNull().default(0),
    failed: integer('failed').notNull().default(0),
    /** The first of those that failed, with the reason. */
    failures: jsonb('failures').notNull().default(sql`'[]'`),
    orderedAt: moment('ordered_at').notNull().defaultNow(),
    endedAt: moment('ended_at'),
  },
  (table) => [
    index('batch_runs_order').on(table.orderedAt, table.runId),
    check('batch_runs_task_check', sql`${table.task} in ('analytics.daily', 'report.generate')`),
    check('batch_runs_periods_check', sql`${table.periods} >= 0`),
    check('batch_runs_check', sql`${table.firstDay} <= ${table.lastDay}`),
    check(
      'batch_runs_check1',
      sql`(${table.endedAt} is not null) = (${table.done} + ${table.failed} = ${table.periods})`,
    ),
  ],
)

/** One row for each period of a task: a day, or the Monday of a week. The key makes its work one, whichever event commands it. */
export const batchPeriods = events.table(
  'batch_periods',
  {
    task: text('task').notNull(),
    period: date('period').notNull(),
    state: text('state').$type<'waiting' | 'running' | 'done' | 'failed'>().notNull(),
    /** Fencing token: counts the steps up. Only the event that carries it may take the next step. */
    fence: integer('fence').notNull().default(0),
    /** The checkpoint: behind which row the next step goes on, and what was counted up to there. */
    position: jsonb('position'),
    partial: jsonb('partial'),
    rowsRead: bigint('rows_read', { mode: 'bigint' }).notNull().default(sql`0`),
    /** Runs that wait for it; none once it has ended. */
    runIds: uuid('run_ids').array().notNull().default(sql`'{}'`),
    /** How often its step was commanded once more since one has succeeded. */
    resumes: smallint('resumes').notNull().default(0),
    lastError: text('last_error'),
    updatedAt: moment('updated_at').notNull().defaultNow(),
    endedAt: moment('ended_at'),
  },
  (table) => [
    primaryKey({ name: 'batch_periods_pkey', columns: [table.task, table.period] }),
    index('batch_periods_open').on(table.task, table.period).where(sql`${table.state} in ('waiting', 'running')`),
    check('batch_periods_task_check', sql`${table.task} in ('analytics.daily', 'report.generate')`),
    check('batch_periods_state_check', sql`${table.state} in ('waiting', 'running', 'done', 'failed')`),
    check('batch_periods_check', sql`(${table.state} in ('done', 'failed')) = (${table.endedAt} is not null)`),
    check(
      'batch_periods_check1',
      sql`${table.endedAt} is null or (${table.position} is null and ${table.partial} is null and ${table.runIds} = '{}')`,
    ),
  ],
)

/** Figures of one day of Asia/Seoul. */
export const analyticsDays = events.table('analytics_days', {
  day: date('day').primaryKey(),
  figures: jsonb('figures').notNull(),
  countedAt: moment('counted_at').notNull().defaultNow(),
})

/** A report that is in the object store: the figures of its week, and each of its objects with its hash. */
export const reports = events.table(
  'reports',
  {
    week: date('week').primaryKey(),
    objectKey: text('object_key').notNull(),
    sha256: text('sha256').notNull(),
    objects: jsonb('objects').notNull(),
    figures: jsonb('figures').notNull(),
    writtenAt: moment('written_at').notNull().defaultNow(),
  },
  (table) => [
    check('reports_week_check', sql`extract(isodow from ${table.week}) = 1`),
    check('reports_sha256_check', sql`${table.sha256} ~ '^[0-9a-f]{64}$'`),
  ],
)
