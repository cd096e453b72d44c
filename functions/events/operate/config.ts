import * as z from 'zod'
import { operatorNetworkVariables } from '../../_lib/networks.ts'
import { databaseVariables, logVariables, operatorVariables } from '../../_lib/variables.ts'

export const configSchema = z.object({
  ...logVariables,
  ...operatorVariables,
  ...operatorNetworkVariables,
  ...databaseVariables,
})
