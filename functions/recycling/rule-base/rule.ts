import * as z from 'zod'
import { itemConditionSchema, wasteCategorySchema } from '../../_contracts/waste-category.v1.ts'

const text = z.string().trim().min(1).max(200)

/** A text in both languages of the product. */
export const bilingualSchema = z.strictObject({ ko: text.regex(/[가-힣]/), en: text.regex(/^[^가-힣]+$/) })

/** The verbs of the public campaign (empty, rinse, separate, do not mix) and the other actions of the rules. */
export const stepVerbs = [
  'empty',
  'rinse',
  'separate',
  'dry',
  'flatten',
  'bundle',
  'wrap',
  'insulate',
  'drain',
  'report',
  'bring',
  'put',
] as const

export const stepSchema = z.strictObject({
  verb: z.enum(stepVerbs),
  ...bilingualSchema.shape,
  /** Conditions that this step already takes care of. */
  covers: z.array(itemConditionSchema).default([]),
})

/** What a condition changes: an additional action, or another category for the item. */
export const conditionNoteSchema = z.strictObject({
  condition: itemConditionSchema,
  ...bilingualSchema.shape,
  moves_to: wasteCategorySchema.nullable().default(null),
})

export const ruleSourceSchema = z.strictObject({
  title: text,
  url: z.url({ protocol: /^https$/ }),
  legal_ref: text,
  /** Null for a national rule; otherwise the code of the municipality. */
  region: z.string().min(2).nullable(),
})

export const ruleSchema = z.strictObject({
  code: wasteCategorySchema,
  title: bilingualSchema,
  waste_type: z.string().regex(/^[a-z]+$/),
  recyclable: z.boolean(),
  /** One sentence that says where it goes. */
  placement: bilingualSchema,
  includes: z.array(bilingualSchema).min(2),
  /** Items that people confuse with the category, and their correct category. */
  excludes: z.array(z.strictObject({ ...bilingualSchema.shape, category: wasteCategorySchema })),
  steps: z.array(stepSchema).min(1),
  warnings: z.array(bilingualSchema).min(1),
  /** In order of precedence: of several conditions that move the item, the first one listed applies. */
  condition_notes: z.array(conditionNoteSchema),
  source: ruleSourceSchema,
  /** When a person compared the rule with its source. */
  reviewed_at: z.iso.date().nullable(),
  verified: z.boolean(),
  /** Raised with every change of content. */
  version: z.int().positive(),
})

export type RuleInput = z.input<typeof ruleSchema>
export type RecyclingRule = z.output<typeof ruleSchema>
