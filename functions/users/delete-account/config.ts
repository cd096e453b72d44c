import * as z from 'zod'
import { authVariables, brokerVariables, databaseVariables, logVariables } from '../../_lib/variables.ts'

export const configSchema = z.object({ ...logVariables, ...authVariables, ...brokerVariables, ...databaseVariables })
