import * as z from 'zod'
import {
  authVariables,
  databaseVariables,
  logVariables,
  redisVariables,
  webVariables,
} from '../../_lib/process/variables.ts'

export const configSchema = z.object({
  ...logVariables,
  ...authVariables,
  ...webVariables,
  ...databaseVariables,
  ...redisVariables,
  /** How long one progress stream stays open; the client then resumes it. Shorter than the idle time of the ALB's peer. */
  STREAM_SECONDS_MAX: z.coerce.number().int().min(1).max(100).default(55),
  /** Of one person, in one process: a client polls once a second at most, for five jobs at most. */
  REQUESTS_PER_MINUTE_MAX: z.coerce.number().int().positive().default(600),
  /** Progress streams of one person at once, in one process. */
  STREAMS_PER_PERSON_MAX: z.coerce.number().int().positive().default(10),
})
