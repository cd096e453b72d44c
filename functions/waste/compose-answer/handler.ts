import { responseGenerationAnswerComposeV1 } from '../../_contracts/events/response-generation-answer-compose.v1.ts'
import { createEventApp, type EventAppOptions } from '../../_lib/events/event-app.ts'
import type { HttpApp } from '../../_lib/http/http-app.ts'
import { observeStep } from '../analysis/steps/observe-step.ts'
import type { StepInput } from '../analysis/steps/run-step.ts'
import type { ComposeAnswerOutcome } from './compose-answer.ts'
import spec from './function.ts'

export type HandlerOptions = EventAppOptions & {
  composeAnswer: (input: Omit<StepInput, 'isAbandoned'>) => Promise<{ outcome: ComposeAnswerOutcome }>
}

export function createHandler(options: HandlerOptions): HttpApp {
  return createEventApp(spec, options, {
    [responseGenerationAnswerComposeV1.type]: async (event, { job_id: jobId }) => {
      await observeStep(options, 'compose_answer', jobId, () => options.composeAnswer({ jobId, event }))
    },
  })
}
