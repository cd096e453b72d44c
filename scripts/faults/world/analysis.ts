import { aiImageAnalyzeV1 } from '../../../functions/_contracts/events/ai-image-analyze.v1.ts'
import { gpt5AnalysisItemIdentifyV1 } from '../../../functions/_contracts/events/gpt5-analysis-item-identify.v1.ts'
import { imageUploadPhotoPrepareV1 } from '../../../functions/_contracts/events/image-upload-photo-prepare.v1.ts'
import { responseGenerationAnswerComposeV1 } from '../../../functions/_contracts/events/response-generation-answer-compose.v1.ts'
import { ruleRetrievalRulesRetrieveV1 } from '../../../functions/_contracts/events/rule-retrieval-rules-retrieve.v1.ts'
import type { AnalysisStep, AnalysisVariant } from '../../../functions/waste/analysis-step.ts'
import type { FailpointName } from '../failpoints/rules.ts'

export type Worker = {
  /** The function. */
  name: string
  queue: string
  /** The event type that it consumes. */
  type: string
  /** Undefined for the worker that does an analysis as a whole. */
  step?: AnalysisStep
  /** The failpoint at which it exceeds its memory. */
  outOfMemory: FailpointName
}

/** A variant of the analysis: everything that a fault may need to name. */
export type Analysis = {
  variant: AnalysisVariant
  /** The functions of the analysis, in order. The first consumes the command of an analysis. */
  workers: readonly [Worker, ...Worker[]]
  /** The worker that calls the model. */
  modelCaller: string
  /** The failpoints of the workers, in the order in which a job reaches them. */
  steps: readonly FailpointName[]
}

export const analyses: Readonly<Record<AnalysisVariant, Analysis>> = {
  single: {
    variant: 'single',
    workers: [createWorker('waste-ai-analyze', aiImageAnalyzeV1, 'analyze-out-of-memory')],
    modelCaller: 'waste-ai-analyze',
    steps: [
      'analyze-before-claim',
      'analyze-before-model',
      'analyze-during-model',
      'analyze-before-commit',
      'analyze-after-commit',
    ],
  },
  stages: {
    variant: 'stages',
    workers: [
      createWorker('waste-prepare-photo', imageUploadPhotoPrepareV1, 'prepare-out-of-memory', 'prepare_photo'),
      createWorker('waste-identify-item', gpt5AnalysisItemIdentifyV1, 'identify-out-of-memory', 'identify_item'),
      createWorker('waste-retrieve-rules', ruleRetrievalRulesRetrieveV1, 'retrieve-out-of-memory', 'retrieve_rules'),
      createWorker(
        'waste-compose-answer',
        responseGenerationAnswerComposeV1,
        'compose-out-of-memory',
        'compose_answer',
      ),
    ],
    modelCaller: 'waste-identify-item',
    steps: [
      'prepare-before-claim',
      'prepare-before-commit',
      'prepare-after-commit',
      'prepare-before-reply',
      'identify-before-claim',
      'identify-before-model',
      'identify-during-model',
      'identify-before-commit',
      'identify-after-commit',
      'identify-before-reply',
      'retrieve-before-claim',
      'retrieve-before-commit',
      'retrieve-after-commit',
      'retrieve-before-reply',
      'compose-before-claim',
      'compose-before-commit',
      'compose-after-commit',
    ],
  },
}

export const workerNames = ({ workers }: Analysis): string[] => workers.map(({ name }) => name)

function createWorker(
  name: string,
  { queue, type }: Pick<Worker, 'queue' | 'type'>,
  outOfMemory: FailpointName,
  step?: AnalysisStep,
): Worker {
  return { name, queue, type, outOfMemory, ...(step && { step }) }
}
