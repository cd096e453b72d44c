import * as z from 'zod'
import { pseudonyms } from '../../_lib/access/pseudonym.ts'
import { broker, database, redis } from '../../_lib/variables/groups.ts'
import { integer, variable } from '../../_lib/variables/variable.ts'
import { defaultVisionModel } from './model/vision-models.ts'

/** Of every function that works on analyses; `connectionsMax` is that of `database`. */
export const analysis = (connections: { connectionsMax: number }) => ({
  ...broker(),
  ...database('waste', connections),
  ...redis('waste'),
  /** How long a worker that has died keeps its job. A living one renews the lease three times within. */
  LEASE_SECONDS: integer(15, { min: 3, max: 120 }),
})

/** The model is part of what the cache knows an answer by, so functions that share the cache have to agree on it. */
export const modelName = () => ({
  OPENAI_MODEL: variable(z.string().default(defaultVisionModel)),
})

/** Calling the model. */
export const model = () => ({
  ...modelName(),
  OPENAI_API_KEY: variable(z.string().min(1), { secret: 'waste-openai', key: 'api-key' }),
  ...pseudonyms('waste'),
  OPENAI_BASE_URL: variable(z.url().default('https://api.openai.com/v1'), {
    configMap: 'growbin',
    key: 'openai-base-url',
  }),
  MODEL_TIMEOUT_MS: integer(25_000, { min: 100, max: 45_000 }),
  /** Calls begun a minute and a day, all workers together. */
  MODEL_CALLS_PER_MINUTE_MAX: integer(600),
  MODEL_CALLS_PER_DAY_MAX: integer(50_000),
})

/**
 * After this a step is released for a retry: within the deadline of its delivery, so that the dispatcher receives the
 * reply.
 */
export const workSecondsMax = (seconds: number) => ({
  WORK_SECONDS_MAX: integer(seconds, { max: seconds }),
})
