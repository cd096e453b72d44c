import * as z from 'zod'
import { wasteCategories } from '../../_contracts/waste-category.v1.ts'
import { decodeCursor } from './cursor.ts'

export const historyItemsMax = 100
const historyItemsDefault = 20

/** What an analysis may be filed under: also the photo of something that nobody throws away. */
export const historyCategories = [...wasteCategories, 'NOT_WASTE'] as const

/** PostgreSQL knows no year 0, and JavaScript's dates none over 9999. */
const daySchema = z.iso.date().refine((day) => day >= '1970-01-01' && day <= '2999-12-31', 'expected 1970 to 2999')

/** The query string of `GET /users/history`. Days are of Asia/Seoul, both included. */
export const historyQuerySchema = z
  .strictObject({
    limit: z
      .string()
      .regex(/^[1-9][0-9]{0,2}$/, `expected a number from 1 to ${historyItemsMax}`)
      .transform(Number)
      .pipe(z.int().min(1).max(historyItemsMax))
      .default(historyItemsDefault),
    cursor: z
      .string()
      .transform((text, context) => {
        const position = decodeCursor(text)
        if (position) return position
        context.addIssue({ code: 'custom', message: 'expected the "next_cursor" of another page' })
        return z.NEVER
      })
      .optional(),
    category: z.enum(historyCategories).optional(),
    recyclable: z
      .enum(['true', 'false'])
      .transform((text) => text === 'true')
      .optional(),
    from: daySchema.optional(),
    to: daySchema.optional(),
  })
  .refine(({ from, to }) => from === undefined || to === undefined || from <= to, {
    path: ['to'],
    message: 'expected a day not before "from"',
  })

export type HistoryQuery = z.output<typeof historyQuerySchema>
