import { type WasteCategory, wasteCategories } from '../../../_contracts/waste-category.v1.ts'
import { boundOf } from '../figures/histogram.ts'

type Query = (text: string, values?: unknown[]) => Promise<unknown>

export type SeededDay = { day: string; analyses: number; people: number }

/** Writes the analyses of a day, spread over it and each derived from its number, and jobs around the day that must not count. */
export async function seedDay(query: Query, { day, analyses, people }: SeededDay): Promise<void> {
  await query(seedJobs, [day, analyses, people])
  await query(seedResults, [day, wasteCategories])
  await query(seedCalls, [day])
  await query(seedNoise, [day])
}

/** The expected figures of a seeded day, computed from all of its rows at once. */
export function expectedFigures({ analyses, people }: SeededDay) {
  const rows = Array.from({ length: analyses }, (_, number) => {
    const failed = number % 10 === 9
    const answeredBy = (['exact_match', 'perceptual_match', 'model', 'model'] as const)[number % 4] ?? 'model'
    const calls = answeredBy !== 'model' ? 0 : number % 50 === 2 ? 2 : 1
    return {
      failed,
      reason: number % 20 === 9 ? 'model_unavailable' : 'invalid_image',
      answeredBy,
      calls,
      category: wasteCategories[number % wasteCategories.length] as WasteCategory,
      recyclable: number % wasteCategories.length < 12,
      hour: Math.floor((number * 86_400) / analyses / 3600),
      totalMs: 100 + ((number * 37) % 5000),
      waitMs: calls > 0 ? 10 + ((number * 13) % 90) : undefined,
    }
  })
  const completed = rows.filter(({ failed }) => !failed)
  const countBy = <Row>(counted: readonly Row[], read: (row: Row) => string) =>
    Object.fromEntries([...Map.groupBy(counted, read)].map(([name, group]) => [name, group.length]))
  const percentiles = (values: readonly number[]) => {
    const sorted = values.toSorted((one, other) => one - other)
    const at = (share: number) => {
      const value = sorted[Math.ceil(share * sorted.length) - 1]
      return value === undefined ? null : boundOf(value)
    }
    return { count: sorted.length, p50: at(0.5), p95: at(0.95), p99: at(0.99) }
  }
  const recyclable = completed.filter((row) => row.recyclable).length
  const calls = rows.reduce((sum, row) => sum + row.calls, 0)
  const waits = rows.flatMap(({ waitMs }) => waitMs ?? [])
  const totals = rows.map(({ totalMs }) => totalMs)
  const bucketsOf = (values: readonly number[]) => countBy(values, (value) => String(boundOf(value)))
  return {
    analyses,
    completed: completed.length,
    failed: analyses - completed.length,
    failed_by_reason: countBy(
      rows.filter(({ failed }) => failed),
      ({ reason }) => reason,
    ),
    answered_by: countBy(completed, ({ answeredBy }) => answeredBy),
    by_category: Object.fromEntries(
      [...Map.groupBy(completed, ({ category }) => category)].map(([category, group]) => [
        category,
        { analyses: group.length, recyclable: group.filter((row) => row.recyclable).length },
      ]),
    ),
    by_hour: Array.from({ length: 24 }, (_, hour) => rows.filter((row) => row.hour === hour).length),
    people: Math.min(people, analyses),
    model_calls: calls,
    input_tokens: calls * 1_100,
    output_tokens: calls * 60,
    recyclable,
    recyclable_share: completed.length === 0 ? null : Math.round((recyclable / completed.length) * 1000) / 1000,
    wait_ms: bucketsOf(waits),
    total_ms: bucketsOf(totals),
    wait: percentiles(waits),
    total: percentiles(totals),
  }
}

const startOfDay = `($1::date::timestamp at time zone 'Asia/Seoul')`

const insertJobs = `insert into waste.jobs (job_id, owner_id, state, slot, content_type, content_length, object_key, locale,
  event_id, traceparent, failure_reason, created_at, upload_expires_at, queued_at, finished_at, redrives)`

// The number is stored in "redrives", so that results and calls can be derived from it.
const seedJobs = `${insertJobs}
  select md5($1 || 'job' || number)::uuid, md5('person' || number % $3::integer)::uuid,
    case when number % 10 = 9 then 'failed' else 'completed' end, 1, 'image/jpeg', 1000, 'uploads/seed', 'ko',
    gen_random_uuid(), 'none',
    case when number % 20 = 9 then 'model_unavailable' when number % 10 = 9 then 'invalid_image' end,
    finished_at, finished_at, finished_at - make_interval(secs => (100 + (number * 37) % 5000) / 1000.0), finished_at,
    number % 9900
  from generate_series(0, $2::integer - 1) as number,
    lateral (select ${startOfDay} + make_interval(secs => number * 86400.0 / $2::integer) as finished_at) as ended`

const jobsOfDay = `waste.jobs where object_key = 'uploads/seed' and finished_at >= ${startOfDay}
  and finished_at < ${startOfDay} + interval '1 day'`

const seedResults = `
  insert into waste.results (job_id, owner_id, waste_type, category, recyclable, confidence, item_name, feedback,
    disposal_steps, nearby_bins, answered_by, model, image_sha256, analyzed_at)
  select job_id, owner_id, 'type', ($2::text[])[1 + redrives % 22], redrives % 22 < 12, 0.9, 'item', 'text', '[]', '[]',
    (array['exact_match', 'perceptual_match', 'model', 'model'])[1 + redrives % 4], 'vision', 'hash', finished_at
  from ${jobsOfDay} and state = 'completed'`

const seedCalls = `
  insert into waste.model_calls (job_id, fencing_token, started_at, input_tokens, output_tokens)
  select job_id, call, queued_at + make_interval(secs => (10 + (redrives * 13) % 90) / 1000.0 + call - 1), 1100, 60
  from (select * from ${jobsOfDay} and redrives % 4 >= 2) as job,
    generate_series(1, case when redrives % 50 = 2 then 2 else 1 end) as call`

// Jobs just outside the day, uploads that never arrived, and unfinished jobs.
const seedNoise = `${insertJobs}
  select gen_random_uuid(), gen_random_uuid(), state, 1, 'image/jpeg', 1000, 'uploads/noise', 'ko', gen_random_uuid(), 'none',
    reason, finished_at, now(), finished_at, case when state in ('completed', 'failed') then finished_at end, 0
  from (values
    ('failed', 'invalid_image', ${startOfDay} - interval '1 microsecond'),
    ('failed', 'invalid_image', ${startOfDay} + interval '1 day'),
    ('failed', 'upload_expired', ${startOfDay} + interval '1 hour'),
    ('queued', null, ${startOfDay} + interval '2 hours')
  ) as noise (state, reason, finished_at)`
