import * as z from 'zod'
import {
  brokerVariables,
  databaseVariables,
  logVariables,
  objectStoreVariables,
  redisVariables,
} from '../../_lib/process/variables.ts'
import { leaseVariables, modelVariables, workSecondsMax } from '../analysis/variables.ts'

export const configSchema = z.object({
  ...logVariables,
  ...brokerVariables,
  ...databaseVariables,
  ...redisVariables,
  ...objectStoreVariables,
  ...modelVariables,
  ...leaseVariables,
  ...workSecondsMax(37),
})
