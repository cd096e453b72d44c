import * as z from 'zod'
import { pseudonymVariables } from '../../_lib/access/pseudonym.ts'
import { defaultVisionModel } from './model/vision-models.ts'

/** Of every function that works on analyses. */
export const leaseVariables = {
  /** How long a worker that has died keeps its job. A living one renews the lease three times within. */
  LEASE_SECONDS: z.coerce.number().int().min(3).max(120).default(15),
}

/** The model is part of what the cache knows an answer by, so functions that share the cache have to agree on it. */
export const modelNameVariables = {
  OPENAI_MODEL: z.string().default(defaultVisionModel),
}

export const modelVariables = {
  ...modelNameVariables,
  OPENAI_API_KEY: z.string().min(1),
  ...pseudonymVariables,
  OPENAI_BASE_URL: z.url().default('https://api.openai.com/v1'),
  MODEL_TIMEOUT_MS: z.coerce.number().int().min(100).max(45_000).default(25_000),
  /** Calls begun a minute and a day, all workers together. */
  MODEL_CALLS_PER_MINUTE_MAX: z.coerce.number().int().positive().default(600),
  MODEL_CALLS_PER_DAY_MAX: z.coerce.number().int().positive().default(50_000),
}

/** After this a step is given up and put off: within the deadline of its delivery, so that somebody hears its reply. */
export const workSecondsMax = (seconds: number) => ({
  WORK_SECONDS_MAX: z.coerce.number().int().min(1).max(seconds).default(seconds),
})
