import * as z from 'zod'
import { brokerVariables, databaseVariables, logVariables, redisVariables } from '../../_lib/process/variables.ts'
import { leaseVariables, workSecondsMax } from '../analysis/variables.ts'

export const configSchema = z.object({
  ...logVariables,
  ...brokerVariables,
  ...databaseVariables,
  ...redisVariables,
  ...leaseVariables,
  ...workSecondsMax(9),
})
