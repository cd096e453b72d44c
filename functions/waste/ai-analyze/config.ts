import * as z from 'zod'
import {
  brokerVariables,
  databaseVariables,
  logVariables,
  objectStoreVariables,
  redisVariables,
} from '../../_lib/variables.ts'

export const configSchema = z.object({
  ...logVariables,
  ...brokerVariables,
  ...databaseVariables,
  ...redisVariables,
  ...objectStoreVariables,
  OPENAI_API_KEY: z.string().min(1),
  OPENAI_BASE_URL: z.url().default('https://api.openai.com/v1'),
  OPENAI_MODEL: z.string().default('gpt-5-mini'),
  MODEL_TIMEOUT_MS: z.coerce.number().int().min(100).max(45_000).default(25_000),
  /** Calls begun a minute and a day, all workers together. */
  MODEL_CALLS_PER_MINUTE_MAX: z.coerce.number().int().positive().default(600),
  MODEL_CALLS_PER_DAY_MAX: z.coerce.number().int().positive().default(50_000),
  /** How long a worker that has died keeps its job. A living one renews the lease three times within. */
  LEASE_SECONDS: z.coerce.number().int().min(3).max(120).default(15),
  /** After this an analysis is given up and put off. Shorter than the 60 s in which a request must be answered. */
  WORK_SECONDS_MAX: z.coerce.number().int().min(1).max(58).default(55),
})
