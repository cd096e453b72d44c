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
  REQUESTS_PER_MINUTE_MAX: z.coerce.number().int().positive().default(120),
  EXPORTS_PER_HOUR_MAX: z.coerce.number().int().positive().default(10),
})
