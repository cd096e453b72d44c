import * as z from 'zod'
import {
  brokerVariables,
  databaseVariables,
  logVariables,
  objectStoreVariables,
  redisVariables,
} from '../../_lib/process/variables.ts'
import { leaseVariables, workSecondsMax } from '../analysis/variables.ts'

export const configSchema = z.object({
  ...logVariables,
  ...brokerVariables,
  ...databaseVariables,
  ...redisVariables,
  ...objectStoreVariables,
  ...leaseVariables,
  ...workSecondsMax(18),
})
