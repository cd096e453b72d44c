import * as z from 'zod'
import { authVariables, databaseVariables, logVariables, redisVariables } from '../../_lib/variables.ts'
import { sessionVariables, signingVariables, webVariables } from '../auth-variables.ts'

export const configSchema = z.object({
  ...logVariables,
  ...authVariables,
  ...databaseVariables,
  ...redisVariables,
  ...signingVariables,
  ...sessionVariables,
  ...webVariables,
  REFRESHES_PER_MINUTE_MAX: z.coerce.number().int().positive().default(60),
})
