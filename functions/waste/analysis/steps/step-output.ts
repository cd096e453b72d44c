import * as z from 'zod'
import { ruleRowSchema } from '../answer/feedback/rule-row.ts'
import { knownAnswerSchema } from '../cache/analysis-cache.redis.ts'

const foundAnswerSchema = z.object({
  answer: knownAnswerSchema,
  answeredBy: z.enum(['model', 'exact_match', 'perceptual_match']),
})

const sha256Schema = z.string().regex(/^[0-9a-f]{64}$/)

/** The output of each step, which is kept for later steps until the job ends. */
export const stepOutputSchemas = {
  prepare_photo: z.discriminatedUnion('kind', [
    z.object({
      kind: z.literal('known'),
      sha256: sha256Schema,
      /** Whether the prepared picture is in the store. */
      prepared: z.boolean(),
      found: foundAnswerSchema,
      rules: z.array(ruleRowSchema),
    }),
    z.object({
      kind: z.literal('new'),
      sha256: sha256Schema,
      perceptualHash: z.string().nullable(),
      /** The colour grid. */
      thumbprint: z.string(),
    }),
  ]),
  identify_item: z.object({ found: foundAnswerSchema }),
  retrieve_rules: z.object({ rules: z.array(ruleRowSchema) }),
}

export type StepWithOutput = keyof typeof stepOutputSchemas

export type StepOutput<Step extends StepWithOutput> = z.infer<(typeof stepOutputSchemas)[Step]>
