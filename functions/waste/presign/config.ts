import * as z from 'zod'
import {
  authVariables,
  databaseVariables,
  logVariables,
  objectStoreVariables,
  redisVariables,
  webVariables,
} from '../../_lib/process/variables.ts'

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
  /** Of one person on a day of Asia/Seoul: each analysis costs money, and one person must not spend what is for all. */
  ANALYSES_PER_DAY_MAX: z.coerce.number().int().positive().default(100),
  REQUESTS_PER_MINUTE_MAX: z.coerce.number().int().positive().default(60),
  /** Unfinished jobs of all people: q-ai holds 5000 events, and what several instances admit between two counts must fit too. */
  ANALYSES_WAITING_MAX: z.coerce.number().int().positive().default(4_500),
  /** Predicted wait above which new work is refused: an event stays in q-ai for 300 s. */
  ANALYSIS_WAIT_SECONDS_MAX: z.coerce.number().int().positive().default(240),
  /** Analyses a second, until they can be measured: a hundred at once, of up to twenty seconds each. */
  ANALYSES_PER_SECOND_EXPECTED: z.coerce.number().positive().default(5),
})
