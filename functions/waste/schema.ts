import { sql } from 'drizzle-orm'
import {
  boolean,
  check,
  date,
  doublePrecision,
  index,
  integer,
  jsonb,
  numeric,
  pgSchema,
  primaryKey,
  real,
  smallint,
  text,
  uniqueIndex,
  uuid,
} from 'drizzle-orm/pg-core'
import type { JsonCloudEvent } from '../_lib/events/cloud-event.ts'
import type { Locale } from '../_lib/http/locale.ts'
import { moment, transactionId } from '../_lib/stores/columns.pg.ts'
import type { AnsweredBy, DisposalStep, NearbyBin } from './analysis-result.ts'
import type { AnalysisStep } from './analysis-step.ts'
import type { JobState, Stage } from './job/job.ts'

// Over 200 lines: drizzle-kit reads all tables of a domain from one file.
const waste = pgSchema('waste')

export const jobs = waste.table(
  'jobs',
  {
    jobId: uuid('job_id').primaryKey(),
    ownerId: uuid('owner_id').notNull(),
    state: text('state').$type<JobState>().notNull(),
    /** Which of the five slots of the person this job takes. */
    slot: smallint('slot').notNull(),
    contentType: text('content_type').notNull(),
    contentLength: integer('content_length').notNull(),
    sha256: text('sha256'),
    objectKey: text('object_key').notNull(),
    locale: text('locale').$type<Locale>().notNull(),
    /** Set to null when the job ends: only the search for the nearest bins needs the location. */
    latitude: doublePrecision('latitude'),
    longitude: doublePrecision('longitude'),
    eventId: uuid('event_id').notNull(),
    traceparent: text('traceparent').notNull(),
    progress: smallint('progress').notNull().default(0),
    stage: text('stage').$type<Stage>().notNull().default('created'),
    failureReason: text('failure_reason'),
    fencingToken: integer('fencing_token').notNull().default(0),
    leaseUntil: moment('lease_until'),
    redrives: smallint('redrives').notNull().default(0),
    createdAt: moment('created_at').notNull().defaultNow(),
    uploadExpiresAt: moment('upload_expires_at').notNull(),
    queuedAt: moment('queued_at'),
    updatedAt: moment('updated_at').notNull().defaultNow(),
    finishedAt: moment('finished_at'),
    /** When every version of the upload was removed from the store. */
    uploadRemovedAt: moment('upload_removed_at'),
    /** The current step of a job of the variant `stages`; null in the variant `single`. */
    step: text('step').$type<AnalysisStep>(),
    /** The id of the claim that began the lease: a repeated claim with the same id finds the lease again. */
    claimId: uuid('claim_id'),
    /** Which of the person's analyses of a day of Asia/Seoul this is. */
    openedOn: date('opened_on'),
    dayNo: integer('day_no'),
    /** Claims that ended without a result for a reason inside the job. Too many of them fail the job. */
    failedTries: smallint('failed_tries').notNull().default(0),
    /** Until when a late job may be claimed: the redriver releases a few at a time. */
    releasedUntil: moment('released_until'),
  },
  (table) => [
    // Five slots for each person: the index decides the race between two requests for the last one.
    uniqueIndex('jobs_unfinished_slot')
      .on(table.ownerId, table.slot)
      .where(sql`${table.state} in ('created', 'queued', 'processing')`),
    // The index decides the race for the last analysis of a day. A photo that never came frees its number.
    uniqueIndex('jobs_day')
      .on(table.ownerId, table.openedOn, table.dayNo)
      .where(sql`${table.failureReason} is distinct from 'upload_expired'`),
    index('jobs_quiet').on(table.updatedAt).where(sql`${table.state} in ('created', 'queued', 'processing')`),
    // Counts the jobs that wait, and for how long, before a job is accepted.
    index('jobs_waiting').on(table.queuedAt).where(sql`${table.state} in ('queued', 'processing')`),
    // People who have just opened a job and are uploading its photo.
    index('jobs_opened').on(table.createdAt).where(sql`${table.state} = 'created'`),
    index('jobs_owner').on(table.ownerId, table.createdAt.desc().nullsFirst()),
    // The order in which pages of ended analyses are read.
    index('jobs_finished').on(table.finishedAt, table.jobId).where(sql`${table.finishedAt} is not null`),
    // Whether an analysis is the first of its person on a day.
    index('jobs_owner_finished')
      .on(table.ownerId, table.finishedAt, table.jobId)
      .where(sql`${table.finishedAt} is not null`),
    index('jobs_uploads')
      .on(table.finishedAt)
      .where(sql`${table.uploadRemovedAt} is null and ${table.finishedAt} is not null`),
    index('jobs_abandoned').on(table.finishedAt).where(sql`${table.failureReason} = 'upload_expired'`),
    check('jobs_state_check', sql`${table.state} in ('created', 'queued', 'processing', 'completed', 'failed')`),
    check('jobs_slot_check', sql`${table.slot} between 1 and 5`),
    check('jobs_content_length_check', sql`${table.contentLength} between 1 and 10485760`),
    check('jobs_sha256_check', sql`${table.sha256} ~ '^[0-9a-f]{64}$'`),
    check('jobs_locale_check', sql`${table.locale} in ('ko', 'en')`),
    check(
      'jobs_step_check',
      sql`${table.step} in ('prepare_photo', 'identify_item', 'retrieve_rules', 'compose_answer')`,
    ),
    check('jobs_day_no_check', sql`${table.dayNo} > 0`),
    check('jobs_check', sql`(${table.state} = 'failed') = (${table.failureReason} is not null)`),
    check('jobs_check1', sql`(${table.state} in ('completed', 'failed')) = (${table.finishedAt} is not null)`),
  ],
)

const jobOf = () => uuid('job_id').references(() => jobs.jobId, { onDelete: 'cascade' })

/** What the finished steps of an unfinished job have found, and the event that each answered: it commands the next step. */
export const stepOutputs = waste.table(
  'step_outputs',
  {
    jobId: jobOf().notNull(),
    step: text('step').$type<AnalysisStep>().notNull(),
    output: jsonb('output').notNull(),
    nextStep: text('next_step').$type<AnalysisStep>().notNull(),
    reply: jsonb('reply').$type<JsonCloudEvent>().notNull(),
    finishedAt: moment('finished_at').notNull().defaultNow(),
  },
  (table) => [
    primaryKey({ name: 'step_outputs_pkey', columns: [table.jobId, table.step] }),
    check('step_outputs_step_check', sql`${table.step} in ('prepare_photo', 'identify_item', 'retrieve_rules')`),
    check(
      'step_outputs_next_step_check',
      sql`${table.nextStep} in ('identify_item', 'retrieve_rules', 'compose_answer')`,
    ),
  ],
)

// Its index `results_history` covers columns (`include`), which drizzle cannot say: see the custom migration.
export const results = waste.table(
  'results',
  {
    jobId: jobOf().primaryKey(),
    ownerId: uuid('owner_id').notNull(),
    wasteType: text('waste_type').notNull(),
    category: text('category').notNull(),
    movedTo: text('moved_to'),
    recyclable: boolean('recyclable').notNull(),
    confidence: real('confidence').notNull(),
    itemName: text('item_name').notNull(),
    feedback: text('feedback').notNull(),
    disposalSteps: jsonb('disposal_steps').$type<DisposalStep[]>().notNull(),
    nearbyBins: jsonb('nearby_bins').$type<NearbyBin[]>().notNull(),
    answeredBy: text('answered_by').$type<AnsweredBy>().notNull(),
    model: text('model').notNull(),
    imageSha256: text('image_sha256').notNull(),
    photoKey: text('photo_key'),
    analyzedAt: moment('analyzed_at').notNull().defaultNow(),
    /** When the photo was marked as archived: it can no longer be shown at once. */
    photoArchivedAt: moment('photo_archived_at'),
  },
  (table) => [
    index('results_photos')
      .on(table.analyzedAt)
      .where(sql`${table.photoKey} is not null and ${table.photoArchivedAt} is null`),
    // Whether a result refers to a photo.
    index('results_photo_key').on(table.photoKey).where(sql`${table.photoKey} is not null`),
    check('results_confidence_check', sql`${table.confidence} between 0 and 1`),
    check('results_answered_by_check', sql`${table.answeredBy} in ('model', 'exact_match', 'perceptual_match')`),
  ],
)

/** Written before a call is sent, so that a crash over-counts what was spent and never under-counts. */
export const modelCalls = waste.table(
  'model_calls',
  {
    jobId: jobOf().notNull(),
    fencingToken: integer('fencing_token').notNull(),
    startedAt: moment('started_at').notNull().defaultNow(),
    endedAt: moment('ended_at'),
    outcome: text('outcome'),
    inputTokens: integer('input_tokens'),
    outputTokens: integer('output_tokens'),
    /** Part of the output. */
    reasoningTokens: integer('reasoning_tokens'),
    /** A price is known at the time of the call only. */
    costUsd: numeric('cost_usd'),
    /** False for a call that failed while the model answered nobody: such a call does not count against the job. */
    counted: boolean('counted').notNull().default(true),
  },
  (table) => [
    primaryKey({ name: 'model_calls_pkey', columns: [table.jobId, table.fencingToken] }),
    // The calls of the last ten seconds, which a worker counts after each that failed.
    index('model_calls_ended').on(table.endedAt).where(sql`${table.endedAt} is not null`),
  ],
)

/** Calls begun in one minute or one day of Asia/Seoul, shared by all workers. */
export const modelBudget = waste.table('model_budget', {
  period: text('period').primaryKey(),
  calls: integer('calls').notNull(),
})

/** One row: whether the model may be called at all. */
export const modelCircuit = waste.table(
  'model_circuit',
  {
    onlyRow: boolean('only_row').primaryKey().default(true),
    openUntil: moment('open_until').notNull().default(sql`'epoch'`),
    reason: text('reason'),
    /** True from the failures that opened the circuit to the next answer: meanwhile one call at a time tries the model. */
    failing: boolean('failing').notNull().default(false),
  },
  (table) => [check('model_circuit_only_row_check', sql`${table.onlyRow}`)],
)

/**
 * For each person and day of Asia/Seoul the transaction that last changed a result of it. Readers that keep counts learn from
 * it which days to count again: analyses that came late and deleted ones alike.
 */
export const changedDays = waste.table(
  'changed_days',
  {
    userId: uuid('user_id').notNull(),
    day: date('day').notNull(),
    changedIn: transactionId('changed_in').notNull().default(sql`pg_current_xact_id()`),
  },
  (table) => [
    primaryKey({ name: 'changed_days_pkey', columns: [table.userId, table.day] }),
    index('changed_days_order').on(table.changedIn, table.userId, table.day),
  ],
)
