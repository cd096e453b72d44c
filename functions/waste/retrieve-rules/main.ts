import { composeFunction } from '../../_lib/process/compose-function.ts'
import { createRuleReader } from '../analysis/answer/rules.pg.ts'
import { openAnalysis } from '../analysis/open-analysis.ts'
import spec from './function.ts'
import { createHandler } from './handler.ts'
import { type RetrieveRulesDeps, retrieveRules } from './retrieve-rules.ts'

export const start = composeFunction(import.meta, spec, (fn) => {
  const analysis = openAnalysis(fn, 'retrieve_rules')
  const deps: RetrieveRulesDeps = {
    ...analysis.runDeps,
    ...analysis.stepDeps,
    readRules: createRuleReader(analysis.database),
    // Nothing in this step ends a job.
    removePhoto: async () => undefined,
  }
  return createHandler({ ...analysis.eventApp, retrieveRules: (input) => retrieveRules(deps, input) })
})
