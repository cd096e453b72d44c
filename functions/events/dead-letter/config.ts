import * as z from 'zod'
import { eventKeysVariables } from '../../_lib/event-keys.ts'
import { databaseVariables, logVariables, redisVariables } from '../../_lib/variables.ts'

export const configSchema = z.object({
  ...logVariables,
  ...eventKeysVariables,
  ...databaseVariables,
  ...redisVariables,
  /** Logs in as the waste domain, whose jobs are ended by its own task. */
  WASTE_DATABASE_URL: databaseVariables.DATABASE_URL,
})
