import * as z from 'zod'
import { databaseVariables, logVariables } from '../../_lib/variables.ts'

export const configSchema = z.object({ ...logVariables, ...databaseVariables })
