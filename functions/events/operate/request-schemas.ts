import * as z from 'zod'
import { batchTasks } from '../../_contracts/events/batch-range.v1.ts'
import { boundedText, pageLimit, withoutControls } from '../../_lib/http/request-values.ts'
import { decodeCursor } from './cursor.ts'
import { deadLetterKinds, deadLetterStates } from './dead-letter-row.ts'

export const pageItemsMax = 100
const pageItemsDefault = 20
export const replayedAtOnceMax = 1000

/** PostgreSQL rejects NUL in text, and no stored value contains control characters. */
const wordSchema = boundedText(1, 256)
  .regex(withoutControls, 'expected no control characters')
  .refine((text) => text.isWellFormed(), 'expected whole characters')
/** Times in the range that both JavaScript and PostgreSQL can represent. */
const momentSchema = z.iso
  .datetime({ offset: true })
  .regex(/^(19|2[0-9])[-0-9]{8}T/, 'expected a moment after 1900')
  .refine((text) => Number.isFinite(Date.parse(text)), 'expected a moment')
  // zod drops the format from the JSON schema when there is a second pattern.
  .meta({ format: 'date-time' })
const cursorSchema = z
  .string()
  .length(22)
  .transform((text, context) => {
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
  /** Time of the first delivery, inclusive. */
  from: momentSchema.optional(),
  /** Exclusive. */
  to: momentSchema.optional(),
}

export type Filter = { state?: string; kind?: string } & {
  [Name in keyof typeof filterFields]?: string | undefined
}

const pageLimitSchema = pageLimit(pageItemsMax, pageItemsDefault)

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
