import * as z from 'zod'
import type { FunctionDescription } from '../../_lib/openapi/description.ts'
import { categoriesShown, historyItemExample, historyItemSchema } from '../analysis.openapi.ts'
import type spec from './function.ts'
import type { HistoryPage } from './history.ts'
import { historyQuerySchema } from './history-query.ts'
import { savingFactors } from './statistics/saving-factors.ts'
import type { Stats } from './statistics/stats.ts'

const query = historyQuerySchema.shape

const pageSchema = z
  .strictObject({
    items: z.array(historyItemSchema).describe('Newest first.'),
    next_cursor: z.string().nullable().describe('`cursor` of the next page; null on the last one.'),
  })
  .meta({ id: 'HistoryPage', description: 'A page of analyses.' }) satisfies z.ZodType<HistoryPage>

const counts = {
  analyses: z.int().min(0).describe('Analyses.'),
  recyclable: z.int().min(0).describe('Those whose item can be recycled.'),
}
const day = (meaning: string) => z.iso.date().describe(meaning)

const statsSchema = z
  .strictObject({
    time_zone: z.literal('Asia/Seoul').describe('The time zone of all days and weeks.'),
    today: day('The current day.'),
    total: z.strictObject(counts).describe('All analyses.'),
    categories: z
      .array(z.strictObject({ category: z.enum(categoriesShown).describe('Code of the sorting rule.'), ...counts }))
      .describe('By category, the most frequent first.'),
    weeks: z
      .array(
        z.strictObject({
          week: z
            .string()
            .regex(/^\d{4}-W\d{2}$/)
            .describe('ISO 8601 week.'),
          from: day('Its Monday.'),
          to: day('Its Sunday.'),
          ...counts,
        }),
      )
      .describe('The last twelve ISO weeks, the current one last, including empty ones.'),
    streak: z
      .strictObject({
        current_days: z.int().min(0).describe('Days in a row up to today or yesterday.'),
        longest_days: z.int().min(0).describe('The longest series of days in a row.'),
        last_day: z.iso.date().nullable().describe('The last day with an analysis; null when there is none.'),
      })
      .describe('Days in a row with an analysis.'),
    saving: z
      .strictObject({
        co2e_g: z.int().min(0).describe('Grams of CO2 equivalent, an estimate.'),
        basis: z
          .strictObject({
            verified: z.boolean().describe('Whether every factor was compared with its source.'),
            factors: z
              .array(
                z.strictObject({
                  category: z.enum(categoriesShown).describe('Code of the sorting rule.'),
                  items: z.int().min(1).describe('Recyclable items of the category.'),
                  item_g: z.number().min(0).describe('Weight of one item in grams.'),
                  co2e_g_per_g: z.number().min(0).describe('Grams of CO2 equivalent for each gram of the material.'),
                  source: z.string().min(1).describe('Source of the factor.'),
                  verified: z.boolean().describe('Whether both numbers were compared with their source.'),
                }),
              )
              .describe('The factors that were used.'),
          })
          .describe('The basis of the estimate.'),
      })
      .describe('What recycling saved compared with new material.'),
  })
  .meta({ id: 'Stats', description: 'What a person has sorted so far.' }) satisfies z.ZodType<Stats>

const bottleFactor = savingFactors.PET_CLEAR ?? { item_g: 0, co2e_g_per_g: 0, source: 'none', verified: false }

export default {
  routes: {
    'GET /api/v1/users/history': {
      operationId: 'readHistory',
      summary: 'Read the history',
      description:
        'The analyses of the person, newest first, page by page: an analysis that is added meanwhile does not shift the ' +
        'others to another page. Unknown parameters are refused.',
      limitedBy: 'person',
      query: {
        limit: { description: 'Items of a page, from 1 to 100. Default: 20.', schema: query.limit, example: 50 },
        cursor: {
          description: '`next_cursor` of the previous page.',
          schema: query.cursor,
          example: 'MTc3MjQyNzg1MDQxMjAwMC4wMTk4YzVmMi03YjFlLTdkMzYtOWE1NS0zZjZiOGExZjBjMmQ',
        },
        category: { description: 'Only this category.', schema: query.category, example: 'PET_CLEAR' },
        recyclable: {
          description: 'Only items that can be recycled, or only those that cannot.',
          schema: query.recyclable,
          example: 'true',
        },
        from: { description: 'The first day, in Asia/Seoul.', schema: query.from, example: '2026-03-01' },
        to: { description: 'The last day, in Asia/Seoul; not before `from`.', schema: query.to, example: '2026-03-31' },
      },
      answers: {
        200: {
          description: 'The page.',
          schema: pageSchema,
          examples: {
            last: { summary: 'The last page', value: { items: [historyItemExample], next_cursor: null } },
          },
        },
      },
    },
    'GET /api/v1/users/stats': {
      operationId: 'readStats',
      summary: 'Read the statistics',
      description: 'Counts by category and week, streaks, and an estimate of what was saved. Always up to date.',
      limitedBy: 'person',
      answers: {
        200: {
          description: 'The statistics.',
          schema: statsSchema,
          examples: {
            oneBottle: {
              summary: 'One bottle today (the other weeks left out)',
              value: {
                time_zone: 'Asia/Seoul',
                today: '2026-03-02',
                total: { analyses: 1, recyclable: 1 },
                categories: [{ category: 'PET_CLEAR', analyses: 1, recyclable: 1 }],
                weeks: [{ week: '2026-W10', from: '2026-03-02', to: '2026-03-08', analyses: 1, recyclable: 1 }],
                streak: { current_days: 1, longest_days: 1, last_day: '2026-03-02' },
                saving: {
                  co2e_g: Math.round(bottleFactor.item_g * bottleFactor.co2e_g_per_g),
                  basis: {
                    verified: bottleFactor.verified,
                    factors: [{ category: 'PET_CLEAR', items: 1, ...bottleFactor }],
                  },
                },
              },
            },
          },
        },
      },
    },
  },
} satisfies FunctionDescription<typeof spec>
