import * as z from 'zod'
import { authVariables, databaseVariables, logVariables, redisVariables, webVariables } from '../../_lib/variables.ts'
import { proxyVariables, sessionVariables, signingVariables } from '../auth-variables.ts'

export const configSchema = z.object({
  ...logVariables,
  ...authVariables,
  ...databaseVariables,
  ...redisVariables,
  ...signingVariables,
  ...sessionVariables,
  ...webVariables,
  ...proxyVariables,
  REFRESHES_PER_MINUTE_MAX: z.coerce.number().int().positive().default(60),
})
