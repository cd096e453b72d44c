import * as z from 'zod'
import { batchTasks } from '../../_contracts/events/batch-range.v1.ts'
import type { FunctionDescription, ProblemDescription } from '../../_lib/openapi/description.ts'
import { deadLetterKinds, deadLetterStates } from './dead-letter-row.ts'
import type spec from './function.ts'
import type { DeadLetterItem, inspect, list } from './inspect.ts'
import type { Replayed, ReplayReport } from './replay.ts'
import {
  listQuerySchema,
  replayedAtOnceMax,
  replayFilterSchema,
  replayRequestSchema,
  runListQuerySchema,
} from './request-schemas.ts'
import type { listRuns, RunItem, WholeRun } from './runs/runs.ts'

const idExample = '0198c5f2-7b1e-7d36-9a55-3f6b8a1f0c2d'
const cursorExample = 'AZjF8nsefTaaVT9rih8MLQ'
const query = listQuerySchema.shape

const moment = (meaning: string) => z.iso.datetime().nullable().describe(meaning)
const text = (meaning: string) => z.string().nullable().describe(meaning)
const traceId = z
  .string()
  .regex(/^[0-9a-f]{32}$/)
  .nullable()

const itemFields = {
  dead_letter_id: z.uuid().describe('Id of the dead letter.'),
  state: z
    .enum(deadLetterStates)
    .describe('`open` until an operator decides or its work has ended; open again when its event fails again.'),
  kind: z.enum(deadLetterKinds).describe('`rejected` by its consumer, or `dead_letter`: given up by the broker.'),
  consumer: z.string().describe('The function that failed first; an address or `unknown` if it cannot be determined.'),
  reason: z
    .string()
    .describe(
      'Why: `answered_503`, `unreachable`, `dropped_by_queue` (too old, or the queue was full), `went_round` (the first failure was not recorded), or the reason of the consumer.',
    ),
  verified: z
    .boolean()
    .describe('Whether the event had a valid signature when it arrived; one without is never replayed.'),
  event_id: text('Id of the event.'),
  event_source: text('Source of the event.'),
  event_type: text('Type of the event.'),
  queue: text('The queue of the event.'),
  reported_consumer: text(
    'The consumer that the broker named last: `events-dead-letter` when the dead letter failed a second time; null when it named none.',
  ),
  trace_id: traceId.describe('The trace in which it failed.'),
  deliveries: z.int().min(1).describe('How often it was given up.'),
  received_at: z.iso.datetime().describe('When it was given up first.'),
  last_received_at: z.iso.datetime().describe('When it was given up last.'),
  replayed_at: moment('When it was replayed last.'),
  replayed_by: text('Who replayed it last.'),
  discarded_at: moment('When it was discarded.'),
  discarded_by: text('Who discarded it.'),
  closed_at: moment('When it was closed because its work has ended without it.'),
  closed_reason: text('How that work ended: `handled_since`, `job_completed` or `job_failed`.'),
}

const itemSchema = z.strictObject(itemFields).meta({
  id: 'DeadLetter',
  description: 'A message that was rejected, or given up by the broker.',
}) satisfies z.ZodType<DeadLetterItem>

const pageSchema = z
  .strictObject({
    items: z.array(itemSchema).describe('Newest first.'),
    next_cursor: z.string().nullable().describe('`cursor` of the next page; null on the last one.'),
  })
  .meta({ id: 'DeadLetterPage', description: 'A page of dead letters.' }) satisfies z.ZodType<
  Awaited<ReturnType<typeof list>>
>

const wholeSchema = z
  .strictObject({
    ...itemFields,
    attributes: z.record(z.string(), z.string()).describe('Attributes of the event.'),
    headers: z
      .record(z.string(), z.string())
      .describe('Headers of the message, without those that may be credentials.'),
    body: z
      .strictObject({
        encoding: z.enum(['text', 'base64']).describe('How `content` is written: base64 where it is not UTF-8.'),
        content: z.string().describe('The first 64 KiB.'),
        size_bytes: z.int().min(0).describe('Length of the original message.'),
        cut: z.boolean().describe('Whether `content` is truncated.'),
      })
      .describe('The body of the message.'),
    unreplayable: z
      .enum(['dead_letter_rejected', 'dead_letter_malformed', 'dead_letter_unverified', 'dead_letter_unroutable'])
      .nullable()
      .describe('Why it cannot be replayed; null when it can.'),
  })
  .meta({
    id: 'WholeDeadLetter',
    description: 'Everything that is stored of a dead letter.',
  }) satisfies z.ZodType<Awaited<ReturnType<typeof inspect>>>

const replayedSchema = z
  .strictObject({
    replayed: z.boolean().describe('False when it was already replayed.'),
    trace_id: traceId.describe('The trace of the published event: the one in which it failed.'),
  })
  .meta({ id: 'ReplayedDeadLetter', description: 'What a replay did.' }) satisfies z.ZodType<Replayed>

const refusedCount = (meaning: string) => z.int().min(1).optional().describe(meaning)
const reportSchema = z
  .strictObject({
    dry_run: z.boolean().describe('Whether this was a dry run, which publishes nothing.'),
    matched: z.int().min(0).max(replayedAtOnceMax).describe('Open dead letters that the filter found.'),
    replayed: z.int().min(0).max(replayedAtOnceMax).describe('Those that were published, or would be.'),
    refused: z
      .strictObject({
        dead_letter_rejected: refusedCount('Never present: the filter excludes rejected messages.'),
        dead_letter_malformed: refusedCount('Those that contain no whole event.'),
        dead_letter_unverified: refusedCount('Those without a valid signature.'),
        dead_letter_unroutable: refusedCount('Those whose event names no queue.'),
      })
      .describe('Those that cannot be replayed, by reason.'),
    next_cursor: z.string().nullable().describe('`cursor` of the next request; null when nothing is left.'),
  })
  .meta({ id: 'ReplayReport', description: 'What a replay by filter did.' }) satisfies z.ZodType<
  Omit<ReplayReport, 'next_cursor'> & { next_cursor: string | null }
>

const item: DeadLetterItem = {
  dead_letter_id: idExample,
  state: 'open',
  kind: 'dead_letter',
  consumer: 'waste-ai-analyze',
  reason: 'answered_503',
  verified: true,
  event_id: '0198c5f2-6a00-7c11-8e02-5d1f0a9b3c47',
  event_source: '/growbin/waste-upload-complete',
  event_type: 'app.growbin.ai.image.analyze.v1',
  queue: 'ai',
  reported_consumer: 'waste-ai-analyze',
  trace_id: '0af7651916cd43dd8448eb211c80319c',
  deliveries: 1,
  received_at: '2026-03-02T05:04:10.412Z',
  last_received_at: '2026-03-02T05:04:10.412Z',
  replayed_at: null,
  replayed_by: null,
  discarded_at: null,
  discarded_by: null,
  closed_at: null,
  closed_reason: null,
}
const attributes = {
  specversion: '1.0',
  id: item.event_id ?? '',
  source: item.event_source ?? '',
  type: item.event_type ?? '',
  datacontenttype: 'application/json',
  queue: 'ai',
  knativeerrorcode: '503',
}

const noSuchLetter: ProblemDescription = {
  code: 'not_found',
  reason: 'not_found',
  when: 'There is no such dead letter.',
}
const runFields = {
  run_id: z.uuid().describe('Id of the run; the event that requests it may set it.'),
  task: z.enum(batchTasks).describe('The work: figures of days, or reports of weeks.'),
  from: z.iso.date().describe('First day of the range, in Asia/Seoul.'),
  to: z.iso.date().describe('Last day of the range, inclusive.'),
  again: z.boolean().describe('Whether periods that were already done are done again.'),
  ordered_by: z.string().describe('Source of the event that requested it: a cron source, or a program.'),
  state: z.enum(['running', 'completed', 'failed']).describe('`failed` when at least one period has failed.'),
  periods: z.int().min(0).describe('Number of days or weeks to do, without those that were already done.'),
  done: z.int().min(0).describe('How many of them are done.'),
  failed: z.int().min(0).describe('How many of them have failed.'),
  progress: z.number().min(0).max(100).describe('Per cent.'),
  ordered_at: z.iso.datetime().describe('When it was requested.'),
  ended_at: moment('When its last period ended; null while it runs.'),
}

const runSchema = z
  .strictObject(runFields)
  .meta({ id: 'BatchRun', description: 'A run of batch work over a range of days.' }) satisfies z.ZodType<RunItem>

const runPageSchema = z
  .strictObject({
    items: z.array(runSchema).describe('Newest first.'),
    next_cursor: z.string().nullable().describe('`cursor` of the next page; null on the last one.'),
  })
  .meta({ id: 'BatchRunPage', description: 'A page of runs.' }) satisfies z.ZodType<
  Awaited<ReturnType<typeof listRuns>>
>

const wholeRunSchema = z
  .strictObject({
    ...runFields,
    failures: z
      .array(
        z.strictObject({
          period: z.iso.date().describe('The day, or the Monday of the week.'),
          reason: z.string().describe('Why it failed.'),
        }),
      )
      .describe('The first 20 periods that failed.'),
    at_work: z
      .array(
        z.strictObject({
          period: z.iso.date().describe('The day, or the Monday of the week.'),
          rows_read: z.int().min(0).describe('Rows read up to its last checkpoint.'),
          progress: z.number().min(0).max(100).describe('Per cent of the period, up to its last checkpoint.'),
          last_error: text('Why its last step failed; null when it succeeded.'),
          moved_at: z.iso.datetime().describe('When it last made progress.'),
        }),
      )
      .describe('Running periods.'),
  })
  .meta({
    id: 'WholeBatchRun',
    description: 'A run, with its running and its failed periods.',
  }) satisfies z.ZodType<WholeRun>

const run: RunItem = {
  run_id: '0198c5f2-7b1e-7d36-9a55-3f6b8a1f0c2e',
  task: 'analytics.daily',
  from: '2026-01-01',
  to: '2026-03-31',
  again: false,
  ordered_by: '/growbin/scripts/backfill',
  state: 'running',
  periods: 90,
  done: 41,
  failed: 0,
  progress: 45.9,
  ordered_at: '2026-04-02T05:04:10.412Z',
  ended_at: null,
}

const path = { dead_letter_id: { description: 'Id of the dead letter.', schema: z.uuid(), example: idExample } }

export default {
  routes: {
    'GET /api/v1/operations/runs': {
      operationId: 'listBatchRuns',
      summary: 'List runs of batch work',
      description: 'Newest first, page by page. Runs are kept for 90 days. Unknown parameters are rejected.',
      query: {
        task: { description: 'Only of this task.', schema: runListQuerySchema.shape.task, example: run.task },
        limit: {
          description: 'Items of a page, from 1 to 100. Default: 20.',
          schema: runListQuerySchema.shape.limit,
          example: 50,
        },
        cursor: {
          description: '`next_cursor` of the page before.',
          schema: runListQuerySchema.shape.cursor,
          example: cursorExample,
        },
      },
      answers: {
        200: {
          description: 'The page.',
          schema: runPageSchema,
          examples: { last: { summary: 'The last page', value: { items: [run], next_cursor: null } } },
        },
      },
    },
    'GET /api/v1/operations/runs/:run_id': {
      operationId: 'readBatchRun',
      summary: 'Read a run of batch work',
      description: 'With its progress, and why periods have failed.',
      path: { run_id: { description: 'Id of the run.', schema: z.uuid(), example: run.run_id } },
      answers: {
        200: {
          description: 'The run.',
          schema: wholeRunSchema,
          examples: {
            running: {
              summary: 'A backfill that is at its 42nd day',
              value: {
                ...run,
                failures: [],
                at_work: [
                  {
                    period: '2026-02-11',
                    rows_read: 21_000,
                    progress: 34.8,
                    last_error: null,
                    moved_at: '2026-04-02T05:04:31.007Z',
                  },
                ],
              },
            },
          },
        },
      },
      problems: [{ code: 'not_found', reason: 'not_found', when: 'There is no such run.' }],
    },
    'GET /api/v1/operations/dead-letters': {
      operationId: 'listDeadLetters',
      summary: 'List dead letters',
      description: 'Newest first, page by page. Unknown parameters are rejected.',
      query: {
        state: { description: 'Only in this state.', schema: query.state, example: 'open' },
        kind: { description: 'Only of this kind.', schema: query.kind, example: 'dead_letter' },
        consumer: { description: 'Only of this function.', schema: query.consumer, example: 'waste-ai-analyze' },
        type: {
          description: 'Only events of this type.',
          schema: query.type,
          example: 'app.growbin.ai.image.analyze.v1',
        },
        reason: { description: 'Only for this reason.', schema: query.reason, example: 'answered_503' },
        from: { description: 'Given up first at this moment or later.', schema: query.from, example: item.received_at },
        to: {
          description: 'Given up first before this moment; not before `from`.',
          schema: query.to,
          example: '2026-03-03T00:00:00Z',
        },
        limit: { description: 'Items of a page, from 1 to 100. Default: 20.', schema: query.limit, example: 50 },
        cursor: { description: '`next_cursor` of the page before.', schema: query.cursor, example: cursorExample },
      },
      answers: {
        200: {
          description: 'The page.',
          schema: pageSchema,
          examples: { last: { summary: 'The last page', value: { items: [item], next_cursor: null } } },
        },
      },
    },
    'GET /api/v1/operations/dead-letters/:dead_letter_id': {
      operationId: 'readDeadLetter',
      summary: 'Read a dead letter',
      description: 'With the original message.',
      path,
      answers: {
        200: {
          description: 'The dead letter.',
          schema: wholeSchema,
          examples: {
            analysis: {
              summary: 'The command to analyse a photo',
              value: {
                ...item,
                attributes,
                headers: { 'content-type': 'application/json', 'ce-queue': 'ai' },
                body: { encoding: 'text', content: '{"job_id":"…"}', size_bytes: 49, cut: false },
                unreplayable: null,
              },
            },
          },
        },
      },
      problems: [noSuchLetter],
    },
    'POST /api/v1/operations/dead-letters/:dead_letter_id/replay': {
      operationId: 'replayDeadLetter',
      summary: 'Replay a dead letter',
      description:
        'Publishes the original event to the main broker, under its own id and in its own trace. A second request does ' +
        'nothing, unless forced. When the event fails again, the same dead letter is open again.',
      path,
      body: {
        name: 'ReplayDeadLetterRequest',
        schema: replayRequestSchema,
        fields: { '/force': 'Publish it even if it was replayed or discarded, or its work has ended.' },
        examples: { once: { summary: 'Once', value: {} } },
      },
      answers: {
        200: {
          description: 'It is published, or was before.',
          schema: replayedSchema,
          examples: { sent: { summary: 'It is published', value: { replayed: true, trace_id: item.trace_id } } },
        },
      },
      problems: [
        noSuchLetter,
        { code: 'conflict', reason: 'dead_letter_rejected', when: 'The consumer rejected the event for good.' },
        { code: 'conflict', reason: 'dead_letter_malformed', when: 'It contains no whole event.' },
        { code: 'conflict', reason: 'dead_letter_unverified', when: 'It came without a valid signature.' },
        { code: 'conflict', reason: 'dead_letter_unroutable', when: 'The event names no queue.' },
        { code: 'conflict', reason: 'dead_letter_discarded', when: 'It was discarded, and the replay is not forced.' },
        { code: 'conflict', reason: 'dead_letter_closed', when: 'Its work has ended, and the replay is not forced.' },
      ],
    },
    'POST /api/v1/operations/dead-letters/:dead_letter_id/discard': {
      operationId: 'discardDeadLetter',
      summary: 'Discard a dead letter',
      description: 'It stays discarded, even if its event fails again. It can still be read, and replayed by force.',
      path,
      answers: {
        200: {
          description: 'It is discarded.',
          schema: itemSchema,
          examples: {
            discarded: {
              summary: 'It is discarded',
              value: {
                ...item,
                state: 'discarded',
                discarded_at: '2026-03-02T06:00:00.000Z',
                discarded_by: 'kim',
              },
            },
          },
        },
      },
      problems: [noSuchLetter],
    },
    'POST /api/v1/operations/dead-letters/replay': {
      operationId: 'replayDeadLetters',
      summary: 'Replay many dead letters',
      description:
        'Those that are open and were given up by the broker, oldest first. Continue with `next_cursor` until it is ' +
        'null; start with a dry run.',
      body: {
        name: 'ReplayDeadLettersRequest',
        schema: replayFilterSchema,
        fields: {
          '/filter': 'Which dead letters; an empty filter selects all open ones.',
          '/filter/consumer': 'Only of this function.',
          '/filter/type': 'Only events of this type.',
          '/filter/reason': 'Only for this reason.',
          '/filter/from': 'Given up first at this moment or later.',
          '/filter/to': 'Given up first before this moment.',
          '/limit': 'Maximum number of dead letters.',
          '/cursor': '`next_cursor` of the answer before.',
          '/dry_run': 'Count without publishing.',
        },
        examples: {
          outage: {
            summary: 'After an outage',
            value: { filter: { consumer: 'waste-ai-analyze', reason: 'answered_503' }, dry_run: true },
          },
        },
      },
      answers: {
        200: {
          description: 'What was done.',
          schema: reportSchema,
          examples: {
            counted: {
              summary: 'A dry run',
              value: {
                dry_run: true,
                matched: 12,
                replayed: 11,
                refused: { dead_letter_malformed: 1 },
                next_cursor: null,
              },
            },
          },
        },
      },
    },
  },
} satisfies FunctionDescription<typeof spec>
