import type { Environment } from '../../_lib/process/config.ts'
import { type FunctionInstance, serve } from '../../_lib/process/serve.ts'
import { readConfig } from '../../_lib/process/variable.ts'
import { createRuleReader } from '../analysis/answer/rules.pg.ts'
import { openAnalysis } from '../analysis/open-analysis.ts'
import spec from './function.ts'
import { createHandler } from './handler.ts'
import { type RetrieveRulesDeps, retrieveRules } from './retrieve-rules.ts'

export async function start(environment: Environment): Promise<FunctionInstance> {
  const config = readConfig(spec.variables, environment)
  const analysis = openAnalysis(spec, config, 'retrieve_rules')
  const deps: RetrieveRulesDeps = {
    ...analysis.runDeps,
    ...analysis.stepDeps,
    readRules: createRuleReader(analysis.database),
    // Nothing in this step ends a job.
    removePhoto: async () => undefined,
  }
  const app = createHandler({ ...analysis.eventApp, retrieveRules: (input) => retrieveRules(deps, input) })
  return { app, close: analysis.resources.close }
}

if (import.meta.main) await serve(start)
