import * as z from 'zod'
import { eventKeysVariables } from '../../_lib/event-keys.ts'
import { databaseVariables, logVariables } from '../../_lib/variables.ts'

export const configSchema = z.object({
  ...logVariables,
  ...eventKeysVariables,
  ...databaseVariables,
})
