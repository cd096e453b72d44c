import * as z from 'zod'
import { wasteCategories } from '../_contracts/waste-category.v1.ts'

export const categoriesShown = [...wasteCategories, 'NOT_WASTE'] as const

/** An analysis as the history and the export list it. */
export const historyItemSchema = z
  .strictObject({
    job_id: z.uuid().describe('Id of the job.'),
    waste_type: z.string().describe('Word for the kind of material.'),
    category: z.enum(categoriesShown).describe('Code of the sorting rule.'),
    moved_to: z
      .enum(wasteCategories)
      .nullable()
      .describe('The category into which the condition of the item moved it; null when it did not.'),
    recyclable: z.boolean().describe('Whether the item can be recycled in the condition on the photo.'),
    confidence: z.number().min(0).max(1).describe('Confidence of the model, from 0 to 1.'),
    item_name: z.string().describe('What the item was, in the language of the job.'),
    feedback: z.string().describe('What to do with it, in the language of the job.'),
    analyzed_at: z.iso.datetime().describe('When the analysis was completed, RFC 3339 in UTC.'),
  })
  .meta({ id: 'HistoryItem', description: 'One analysis; `readResult` returns the whole result.' })

export const historyItemExample = {
  job_id: '0198c5f2-7b1e-7d36-9a55-3f6b8a1f0c2d',
  waste_type: 'plastic',
  category: 'PET_CLEAR',
  moved_to: null,
  recyclable: true,
  confidence: 0.94,
  item_name: 'clear PET bottle',
  feedback: '“clear PET bottle” is sorted as “clear PET bottles”. Local rules may differ.',
  analyzed_at: '2026-03-02T05:04:10.412Z',
} as const satisfies z.input<typeof historyItemSchema>
