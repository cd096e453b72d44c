import { responseGenerationAnswerComposeV1 } from '../../_contracts/events/response-generation-answer-compose.v1.ts'
import { eventsOf } from '../../_lib/events/event-contract.ts'
import { findRules, type ReadRules } from '../analysis/answer/find-rules.ts'
import { type RunStepDeps, runStep, type StepInput, type StepRun, traceOf } from '../analysis/steps/run-step.ts'
import { stepEventId } from '../analysis-step.ts'
import type spec from './function.ts'

const createEvent = eventsOf<typeof spec>('waste-retrieve-rules')

export type RetrieveRulesDeps = RunStepDeps & { readRules: ReadRules }

/** The third step: finds the sorting rules for the answer of the model. */
export function retrieveRules(deps: RetrieveRulesDeps, input: StepInput): Promise<StepRun> {
  const { jobId, event } = input
  return runStep(deps, 'retrieve_rules', input, async ({ job, report }) => {
    report('feedback')
    const identified = await deps.outputs.find(job.jobId, 'identify_item')
    if (!identified) throw new Error(`The job "${job.jobId}" has no item to find rules for`)
    const rules = await findRules(deps.readRules, identified.found.answer.classification)
    const reply = {
      id: stepEventId(jobId, 'compose_answer'),
      subject: jobId,
      time: deps.now(),
      traceparent: traceOf(event),
    }
    return {
      output: { rules },
      nextStep: 'compose_answer',
      reply: createEvent(responseGenerationAnswerComposeV1, reply, { job_id: jobId }),
    }
  })
}
