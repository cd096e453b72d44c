import * as z from 'zod'
import { eventKeysVariables } from '../../_lib/events/event-keys.ts'
import { databaseVariables, logVariables } from '../../_lib/process/variables.ts'

export const configSchema = z.object({
  ...logVariables,
  ...eventKeysVariables,
  ...databaseVariables,
})
