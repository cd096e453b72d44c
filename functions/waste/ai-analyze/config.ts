import * as z from 'zod'
import {
  brokerVariables,
  databaseVariables,
  logVariables,
  objectStoreVariables,
  redisVariables,
} from '../../_lib/process/variables.ts'
import { leaseVariables, modelVariables } from '../analysis/variables.ts'

export const configSchema = z.object({
  ...logVariables,
  ...brokerVariables,
  ...databaseVariables,
  ...redisVariables,
  ...objectStoreVariables,
  ...modelVariables,
  ...leaseVariables,
  /** After this an analysis is given up and put off. Shorter than the 60 s in which a request must be answered. */
  WORK_SECONDS_MAX: z.coerce.number().int().min(1).max(58).default(55),
})
