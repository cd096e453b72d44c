import * as z from 'zod'
import { brokerVariables, databaseVariables, logVariables, redisVariables } from '../../_lib/process/variables.ts'

export const configSchema = z.object({
  ...logVariables,
  ...brokerVariables,
  ...databaseVariables,
  ...redisVariables,
  /** Logs in as the waste domain, whose jobs are redriven by its own task. */
  WASTE_DATABASE_URL: databaseVariables.DATABASE_URL,
  /** Logs in as the users domain, for deletions of accounts that have gone quiet. */
  USERS_DATABASE_URL: databaseVariables.DATABASE_URL,
  /** Logs in as the auth domain, for profiles to be read and links to be ended that nobody has heard of. */
  AUTH_DATABASE_URL: databaseVariables.DATABASE_URL,
  /** Logs in as the locations domain, for questions to the map service that nobody has heard of. */
  LOCATIONS_DATABASE_URL: databaseVariables.DATABASE_URL,
  /** After this long a run ends, and the next tick goes on. */
  RUN_MS_MAX: z.coerce.number().int().min(100).max(50_000).default(20_000),
})
