import * as z from 'zod'
import { databaseVariables, logVariables, operatorVariables } from '../../_lib/variables.ts'

export const configSchema = z.object({ ...logVariables, ...operatorVariables, ...databaseVariables })
