import {
  boolean,
  date,
  doublePrecision,
  integer,
  jsonb,
  numeric,
  pgSchema,
  primaryKey,
  real,
  smallint,
  text,
  timestamp,
  uuid,
} from 'drizzle-orm/pg-core'
import type { JsonCloudEvent } from '../_lib/events/cloud-event.ts'
import type { Locale } from '../_lib/http/locale.ts'
import type { AnsweredBy, DisposalStep, NearbyBin } from './analysis-result.ts'
import type { AnalysisStep } from './analysis-step.ts'
import type { JobState, Stage } from './job/job.ts'

const waste = pgSchema('waste')
const moment = (name: string) => timestamp(name, { withTimezone: true })

export const jobs = waste.table('jobs', {
  jobId: uuid('job_id').primaryKey(),
  ownerId: uuid('owner_id').notNull(),
  state: text('state').$type<JobState>().notNull(),
  slot: smallint('slot').notNull(),
  contentType: text('content_type').notNull(),
  contentLength: integer('content_length').notNull(),
  sha256: text('sha256'),
  objectKey: text('object_key').notNull(),
  locale: text('locale').$type<Locale>().notNull(),
  latitude: doublePrecision('latitude'),
  longitude: doublePrecision('longitude'),
  eventId: uuid('event_id').notNull(),
  traceparent: text('traceparent').notNull(),
  progress: smallint('progress').notNull().default(0),
  stage: text('stage').$type<Stage>().notNull().default('created'),
  failureReason: text('failure_reason'),
  leaseNo: integer('lease_no').notNull().default(0),
  leaseUntil: moment('lease_until'),
  redrives: smallint('redrives').notNull().default(0),
  createdAt: moment('created_at').notNull().defaultNow(),
  uploadExpiresAt: moment('upload_expires_at').notNull(),
  queuedAt: moment('queued_at'),
  updatedAt: moment('updated_at').notNull().defaultNow(),
  finishedAt: moment('finished_at'),
  uploadRemovedAt: moment('upload_removed_at'),
  step: text('step').$type<AnalysisStep>(),
  leaseToken: uuid('lease_token'),
  openedOn: date('opened_on'),
  dayNo: integer('day_no'),
  failedTries: smallint('failed_tries').notNull().default(0),
  releasedUntil: moment('released_until'),
})

export const stepOutputs = waste.table(
  'step_outputs',
  {
    jobId: uuid('job_id').notNull(),
    step: text('step').$type<AnalysisStep>().notNull(),
    output: jsonb('output').notNull(),
    nextStep: text('next_step').$type<AnalysisStep>().notNull(),
    reply: jsonb('reply').$type<JsonCloudEvent>().notNull(),
    finishedAt: moment('finished_at').notNull().defaultNow(),
  },
  (table) => [primaryKey({ columns: [table.jobId, table.step] })],
)

export const results = waste.table('results', {
  jobId: uuid('job_id').primaryKey(),
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
  photoArchivedAt: moment('photo_archived_at'),
})

export const modelCalls = waste.table(
  'model_calls',
  {
    jobId: uuid('job_id').notNull(),
    leaseNo: integer('lease_no').notNull(),
    startedAt: moment('started_at').notNull().defaultNow(),
    endedAt: moment('ended_at'),
    outcome: text('outcome'),
    inputTokens: integer('input_tokens'),
    outputTokens: integer('output_tokens'),
    reasoningTokens: integer('reasoning_tokens'),
    costUsd: numeric('cost_usd'),
    counted: boolean('counted').notNull().default(true),
  },
  (table) => [primaryKey({ columns: [table.jobId, table.leaseNo] })],
)
