import * as z from 'zod'
import { brokerVariables, databaseVariables, logVariables, objectStoreVariables } from '../../_lib/process/variables.ts'

export const configSchema = z.object({
  ...logVariables,
  ...brokerVariables,
  ...objectStoreVariables,
  /** Of the events domain: runs, checkpoints, figures and reports. */
  DATABASE_URL: databaseVariables.DATABASE_URL,
  /** After this long a step keeps what it has counted and orders the next. A page that has begun is ended. */
  STEP_MS_MAX: z.coerce.number().int().min(0).max(2_000).default(1_500),
  /** Rows that are in memory at once. */
  PAGE_ROWS_MAX: z.coerce.number().int().min(1).max(10_000).default(1_000),
})
