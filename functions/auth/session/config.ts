import * as z from 'zod'
import { proxyVariables } from '../../_lib/limits/networks.ts'
import {
  authVariables,
  databaseVariables,
  logVariables,
  redisVariables,
  webVariables,
} from '../../_lib/process/variables.ts'
import { sessionVariables, signingVariables } from '../auth-variables.ts'

export const configSchema = z.object({
  ...logVariables,
  ...authVariables,
  ...databaseVariables,
  ...redisVariables,
  ...signingVariables,
  ...sessionVariables,
  ...webVariables,
  ...proxyVariables,
  /** Of one address, behind which a carrier may have thousands of people. */
  REFRESHES_PER_MINUTE_MAX: z.coerce.number().int().positive().default(600),
  LOGOUTS_PER_MINUTE_MAX: z.coerce.number().int().positive().default(300),
  /** Of one session: an app needs four an hour, a web client one for each page that it loads. */
  REFRESHES_OF_SESSION_PER_HOUR_MAX: z.coerce.number().int().positive().default(60),
})
