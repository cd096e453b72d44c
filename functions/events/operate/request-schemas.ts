import * as z from 'zod'
import { batchTasks } from '../../_contracts/batch-range.v1.ts'
import { decodeCursor } from './cursor.ts'
import { deadLetterKinds, deadLetterStates } from './dead-letter-row.ts'

export const pageItemsMax = 100
const pageItemsDefault = 20
export const replayedAtOnceMax = 1000

/** PostgreSQL takes no zero byte; nothing that is looked for has control characters. */
const wordSchema = z
  .string()
  .min(1)
  .max(256)
  .regex(/^[^\p{Cc}\p{Cs}]*$/u, 'expected no control characters')
/** Milliseconds, as JavaScript and PostgreSQL both know them, in years that both can write. */
const momentSchema = z.iso
  .datetime({ offset: true })
  .refine((text) => /^(?:19|2\d)/.test(text) && Number.isFinite(Date.parse(text)), 'expected a moment after 1900')
const cursorSchema = z.string().transform((text, context) => {
  const id = decodeCursor(text)
  if (id) return id
  context.addIssue({ code: 'custom', message: 'expected the "next_cursor" of another answer' })
  return z.NEVER
})

const isInOrder = ({ from, to }: { from?: string | undefined; to?: string | undefined }) =>
  from === undefined || to === undefined || Date.parse(from) <= Date.parse(to)
const outOfOrder = { path: ['to'], message: 'expected a moment not before "from"' }

const filterFields = {
  consumer: wordSchema.optional(),
  type: wordSchema.optional(),
  reason: wordSchema.optional(),
  /** Of the first delivery; included. */
  from: momentSchema.optional(),
  /** Not included. */
  to: momentSchema.optional(),
}

export type Filter = { state?: string; kind?: string } & {
  [Name in keyof typeof filterFields]?: string | undefined
}

const pageLimitSchema = z
  .string()
  .regex(/^[1-9][0-9]{0,2}$/, `expected a number from 1 to ${pageItemsMax}`)
  .transform(Number)
  .pipe(z.int().max(pageItemsMax))
  .default(pageItemsDefault)

export const listQuerySchema = z
  .strictObject({
    state: z.enum(deadLetterStates).optional(),
    kind: z.enum(deadLetterKinds).optional(),
    ...filterFields,
    limit: pageLimitSchema,
    cursor: cursorSchema.optional(),
  })
  .refine(isInOrder, outOfOrder)

export const runListQuerySchema = z.strictObject({
  task: z.enum(batchTasks).optional(),
  limit: pageLimitSchema,
  cursor: cursorSchema.optional(),
})

export const replayRequestSchema = z.strictObject({ force: z.boolean().default(false) })

export const replayFilterSchema = z.strictObject({
  filter: z.strictObject(filterFields).refine(isInOrder, outOfOrder),
  limit: z.int().min(1).max(replayedAtOnceMax).default(replayedAtOnceMax),
  cursor: cursorSchema.optional(),
  dry_run: z.boolean().default(false),
})

export type RunListQuery = z.output<typeof runListQuerySchema>
export type ListQuery = z.output<typeof listQuerySchema>
export type ReplayByFilter = z.output<typeof replayFilterSchema>
