import * as z from 'zod'
import { operatorNetworkVariables } from '../../_lib/limits/networks.ts'
import { databaseVariables, logVariables, operatorVariables } from '../../_lib/process/variables.ts'

export const configSchema = z.object({
  ...logVariables,
  ...operatorVariables,
  ...operatorNetworkVariables,
  ...databaseVariables,
})
