import * as z from 'zod'
import { wasteCategories } from '../../_contracts/waste-category.v1.ts'
import { pageLimit } from '../../_lib/http/request-values.ts'
import { cursorLengthMax, decodeCursor } from './cursor.ts'

export const historyItemsMax = 100
const historyItemsDefault = 20

/** The categories of analyses, including photos that show no waste. */
export const historyCategories = [...wasteCategories, 'NOT_WASTE'] as const

/** The years are limited, since PostgreSQL has no year 0 and ISO dates of JavaScript have four digits only up to 9999. */
const daySchema = z.iso
  .date()
  .regex(/^(19[7-9][0-9]|2[0-9]{3})-/, 'expected 1970 to 2999')
  // zod drops the format from the JSON schema when there is a second pattern.
  .meta({ format: 'date' })

/** The query string of `GET /users/history`. Days are of Asia/Seoul, both included. */
export const historyQuerySchema = z
  .strictObject({
    limit: pageLimit(historyItemsMax, historyItemsDefault),
    cursor: z
      .string()
      .min(1)
      .max(cursorLengthMax)
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
