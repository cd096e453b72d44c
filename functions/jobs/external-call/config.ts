import * as z from 'zod'
import { databaseVariables, logVariables, objectStoreVariables } from '../../_lib/variables.ts'

const { DATABASE_URL } = databaseVariables

export const configSchema = z.object({
  ...logVariables,
  ...objectStoreVariables,
  /** Of the events domain, for dead letters. */
  DATABASE_URL,
  /** Each logs in as the domain whose tasks run here. */
  AUTH_DATABASE_URL: DATABASE_URL,
  USERS_DATABASE_URL: DATABASE_URL,
  WASTE_DATABASE_URL: DATABASE_URL,
})
