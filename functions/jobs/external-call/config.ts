import * as z from 'zod'
import { eventKeysVariables } from '../../_lib/event-keys.ts'
import { databaseVariables, logVariables, objectStoreVariables } from '../../_lib/variables.ts'
import { providerVariables } from '../../auth/tasks/provider-variables.ts'
import { localVariables } from '../../locations/tasks/kakao-local.ts'

const { DATABASE_URL } = databaseVariables

export const configSchema = z.object({
  ...logVariables,
  ...eventKeysVariables,
  ...objectStoreVariables,
  ...providerVariables,
  ...localVariables,
  /** Of the events domain, for dead letters and for what workers share about outside services. */
  DATABASE_URL,
  /** Each logs in as the domain whose tasks run here. */
  AUTH_DATABASE_URL: DATABASE_URL,
  LOCATIONS_DATABASE_URL: DATABASE_URL,
  USERS_DATABASE_URL: DATABASE_URL,
  WASTE_DATABASE_URL: DATABASE_URL,
})
