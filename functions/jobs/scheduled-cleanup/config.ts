import * as z from 'zod'
import {
  brokerVariables,
  databaseVariables,
  logVariables,
  objectStoreVariables,
  redisVariables,
} from '../../_lib/process/variables.ts'

const { DATABASE_URL } = databaseVariables

export const configSchema = z.object({
  ...logVariables,
  ...brokerVariables,
  ...redisVariables,
  ...objectStoreVariables,
  /** Of the events domain: reports, the outbox and dead letters. */
  DATABASE_URL,
  /** Each logs in as the domain whose tasks run here. */
  AUTH_DATABASE_URL: DATABASE_URL,
  LOCATIONS_DATABASE_URL: DATABASE_URL,
  WASTE_DATABASE_URL: DATABASE_URL,
  /** After this long a turn orders the next one. A batch that has begun is ended, within the deadline of a delivery. */
  TURN_MS_MAX: z.coerce.number().int().min(0).max(10_000).default(8_000),
})
