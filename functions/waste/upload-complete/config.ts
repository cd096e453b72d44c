import * as z from 'zod'
import {
  authVariables,
  brokerVariables,
  databaseVariables,
  logVariables,
  objectStoreVariables,
  redisVariables,
  webVariables,
} from '../../_lib/process/variables.ts'
import { analysisVariants } from '../analysis-step.ts'

export const configSchema = z.object({
  ...logVariables,
  ...authVariables,
  ...webVariables,
  ...brokerVariables,
  ...databaseVariables,
  ...redisVariables,
  ...objectStoreVariables,
  /** Where the public API is reached, without a slash at the end. */
  PUBLIC_BASE_URL: z.url(),
  /** What new jobs are analysed by; those that are queued already keep theirs. */
  ANALYSIS_VARIANT: z.enum(analysisVariants).default('single'),
  /** Jobs that are queued or in work before further ones are held back: q-ai holds 5000 events. */
  ANALYSES_ORDERED_MAX: z.coerce.number().int().positive().default(4_500),
  REQUESTS_PER_MINUTE_MAX: z.coerce.number().int().positive().default(120),
})
