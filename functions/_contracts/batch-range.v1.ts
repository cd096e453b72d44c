import * as z from 'zod'

const dayMs = 86_400_000
export const rangeDaysMax = 400
const firstDayMin = '2020-01-01'

/** A calendar day of Asia/Seoul. */
const daySchema = z.iso
  // What is no day is not compared with others.
  .date({ abort: true, error: 'expected a day, such as 2026-03-02' })
  .refine((day) => day >= firstDayMin, `expected a day from ${firstDayMin} on`)

/** What batch work is told: of which days, both ends included. */
export const batchRangeSchema = z
  .object({
    from: daySchema,
    to: daySchema,
    /** Does what was done before once more, and replaces it. */
    again: z.boolean().optional(),
    /** Under which the run can be followed, even when it finds nothing to do. */
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
