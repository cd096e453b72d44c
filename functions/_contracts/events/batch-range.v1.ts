import * as z from 'zod'

const dayMs = 86_400_000
export const rangeDaysMax = 400
const firstDayMin = '2020-01-01'

/** A calendar day of Asia/Seoul. */
const daySchema = z.iso
  // `abort`, so that the comparisons below see only valid days.
  .date({ abort: true, error: 'expected a day, such as 2026-03-02' })
  .refine((day) => day >= firstDayMin, `expected a day from ${firstDayMin} on`)

/** The data of a command for batch work: a range of days, both ends inclusive. */
export const batchRangeSchema = z
  .object({
    from: daySchema,
    to: daySchema,
    /** Also repeats periods that are done, and replaces their results. */
    again: z.boolean().optional(),
    /** Id under which a client can follow the run, even when there is nothing to do. */
    run_id: z.uuid().optional(),
  })
  .refine(({ from, to }) => from <= to, { path: ['to'], message: 'expected a day not before "from"' })
  .refine(({ from, to }) => Date.parse(to) - Date.parse(from) < rangeDaysMax * dayMs, {
    path: ['to'],
    message: `expected ${rangeDaysMax} days at most`,
  })

export type BatchRange = z.infer<typeof batchRangeSchema>

export const batchTasks = ['analytics.daily', 'report.generate'] as const

export type BatchTask = (typeof batchTasks)[number]
