import * as z from 'zod'
import { authVariables, brokerVariables, databaseVariables, logVariables, webVariables } from '../../_lib/variables.ts'

export const configSchema = z.object({
  ...logVariables,
  ...authVariables,
  ...webVariables,
  ...brokerVariables,
  ...databaseVariables,
})
