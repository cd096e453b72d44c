import * as z from 'zod'
import {
  authVariables,
  databaseVariables,
  logVariables,
  objectStoreVariables,
  redisVariables,
  webVariables,
} from '../../_lib/variables.ts'

export const configSchema = z.object({
  ...logVariables,
  ...authVariables,
  ...webVariables,
  ...databaseVariables,
  ...redisVariables,
  ...objectStoreVariables,
  /** Where the public API is reached, without a slash at the end. */
  PUBLIC_BASE_URL: z.url(),
  UPLOAD_EXPIRES_SECONDS: z.coerce.number().int().min(30).max(300).default(300),
  ANALYSES_PER_DAY_MAX: z.coerce.number().int().positive().default(100),
  REQUESTS_PER_MINUTE_MAX: z.coerce.number().int().positive().default(60),
})
