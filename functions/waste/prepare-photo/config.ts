import * as z from 'zod'
import {
  brokerVariables,
  databaseVariables,
  logVariables,
  objectStoreVariables,
  redisVariables,
} from '../../_lib/variables.ts'
import { leaseVariables, modelNameVariables, workSecondsMax } from '../analysis/variables.ts'

export const configSchema = z.object({
  ...logVariables,
  ...brokerVariables,
  ...databaseVariables,
  ...redisVariables,
  ...objectStoreVariables,
  ...modelNameVariables,
  ...leaseVariables,
  ...workSecondsMax(18),
})
