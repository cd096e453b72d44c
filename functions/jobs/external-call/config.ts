import * as z from 'zod'
import { eventKeysVariables } from '../../_lib/events/event-keys.ts'
import { databaseVariables, logVariables, objectStoreVariables } from '../../_lib/process/variables.ts'
import { providerVariables } from '../../auth/tasks/providers/provider-variables.ts'
import { localVariables } from '../../locations/tasks/kakao-local.ts'

const { DATABASE_URL } = databaseVariables

export const configSchema = z.object({
  ...logVariables,
  ...eventKeysVariables,
  ...objectStoreVariables,
  ...providerVariables,
  ...localVariables,
  /** Of the events domain, for dead letters and for what workers share about outbound calls. */
  DATABASE_URL,
  /** Each logs in as the domain whose tasks run here. */
  AUTH_DATABASE_URL: DATABASE_URL,
  LOCATIONS_DATABASE_URL: DATABASE_URL,
  USERS_DATABASE_URL: DATABASE_URL,
  WASTE_DATABASE_URL: DATABASE_URL,
})
