import * as z from 'zod'
import { itemConditionSchema, wasteCategorySchema } from '../../_contracts/waste-category.v1.ts'

const text = z.string().trim().min(1).max(200)

/** A text in both languages that the product speaks. */
export const bilingualSchema = z.strictObject({ ko: text.regex(/[가-힣]/), en: text.regex(/^[^가-힣]+$/) })

/** The four words of the public campaign (empty, rinse, separate, do not mix) and what else there is to do. */
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
  /** Conditions for which this step is already the answer. */
  covers: z.array(itemConditionSchema).default([]),
})

/** What a condition changes: something to do, or another category to which the item now belongs. */
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
  /** What people take for it, and where that belongs. */
  excludes: z.array(z.strictObject({ ...bilingualSchema.shape, category: wasteCategorySchema })),
  steps: z.array(stepSchema).min(1),
  warnings: z.array(bilingualSchema).min(1),
  /** In order of precedence: of several conditions that move the item, the first listed one counts. */
  condition_notes: z.array(conditionNoteSchema),
  source: ruleSourceSchema,
  /** Date of the comparison with the source, by a person. */
  reviewed_at: z.iso.date().nullable(),
  verified: z.boolean(),
  /** Raised with every change of content. */
  version: z.int().positive(),
})

export type RuleInput = z.input<typeof ruleSchema>
export type RecyclingRule = z.output<typeof ruleSchema>
