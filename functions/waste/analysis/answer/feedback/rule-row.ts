import * as z from 'zod'
import { itemConditionSchema, wasteCategorySchema } from '../../../../_contracts/waste-category.v1.ts'

const bilingual = { ko: z.string().min(1), en: z.string().min(1) }

/** What feedback needs of a row of the view `recycling.rules_v1`. Unknown columns are ignored, as views grow. */
export const ruleRowSchema = z.object({
  code: wasteCategorySchema,
  title_ko: z.string().min(1),
  title_en: z.string().min(1),
  waste_type: z.string().min(1),
  recyclable: z.boolean(),
  placement: z.object(bilingual),
  steps: z.array(z.object({ ...bilingual, covers: z.array(itemConditionSchema) })).min(1),
  warnings: z.array(z.object(bilingual)),
  condition_notes: z.array(
    z.object({ ...bilingual, condition: itemConditionSchema, moves_to: wasteCategorySchema.nullable() }),
  ),
})

export type RuleRow = z.infer<typeof ruleRowSchema>
