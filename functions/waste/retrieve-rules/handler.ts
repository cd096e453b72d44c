import { ruleRetrievalRulesRetrieveV1 } from '../../_contracts/events/rule-retrieval-rules-retrieve.v1.ts'
import { createEventApp, type EventAppOptions } from '../../_lib/events/event-app.ts'
import type { HttpApp } from '../../_lib/http/http-app.ts'
import { observeStep } from '../analysis/steps/observe-step.ts'
import type { StepInput, StepRun } from '../analysis/steps/run-step.ts'
import spec from './function.ts'

export type HandlerOptions = EventAppOptions & {
  retrieveRules: (input: StepInput) => Promise<StepRun>
}

export function createHandler(options: HandlerOptions): HttpApp {
  return createEventApp(spec, options, {
    [ruleRetrievalRulesRetrieveV1.type]: async (event, { job_id: jobId }, { isAbandoned }) => {
      const run = () => options.retrieveRules({ jobId, event, isAbandoned })
      return (await observeStep(options, 'retrieve_rules', jobId, run)).reply
    },
  })
}
