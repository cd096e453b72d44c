import * as z from 'zod'
import { pseudonymVariables } from '../../_lib/access/pseudonym.ts'
import {
  authVariables,
  brokerVariables,
  databaseVariables,
  logVariables,
  webVariables,
} from '../../_lib/process/variables.ts'

export const configSchema = z.object({
  ...logVariables,
  ...authVariables,
  ...webVariables,
  ...brokerVariables,
  ...databaseVariables,
  ...pseudonymVariables,
})
