import { aiImageAnalyzeV1 } from '../../../functions/_contracts/ai-image-analyze.v1.ts'
import { gpt5AnalysisItemIdentifyV1 } from '../../../functions/_contracts/gpt5-analysis-item-identify.v1.ts'
import { imageUploadPhotoPrepareV1 } from '../../../functions/_contracts/image-upload-photo-prepare.v1.ts'
import { responseGenerationAnswerComposeV1 } from '../../../functions/_contracts/response-generation-answer-compose.v1.ts'
import { ruleRetrievalRulesRetrieveV1 } from '../../../functions/_contracts/rule-retrieval-rules-retrieve.v1.ts'
import type { AnalysisStep, AnalysisVariant } from '../../../functions/waste/analysis-step.ts'
import type { FailpointName } from '../failpoints/rules.ts'

export type Worker = {
  /** Of the function. */
  name: string
  queue: string
  /** Of the events that it takes. */
  type: string
  /** Undefined for the one that does an analysis as a whole. */
  step?: AnalysisStep
  /** Where it can be made to ask for more memory than it may have. */
  outOfMemory: FailpointName
}

/** What is known of a variant of the analysis: everything that a fault may need to name. */
export type Analysis = {
  variant: AnalysisVariant
  /** Functions that work at a job, in their order. The first takes the order of an analysis. */
  workers: readonly [Worker, ...Worker[]]
  /** The one of them that calls the model. */
  modelCaller: string
  /** Where one of them may be made to die, in the order in which a job comes there. */
  steps: readonly FailpointName[]
}

export const analyses: Readonly<Record<AnalysisVariant, Analysis>> = {
  single: {
    variant: 'single',
    workers: [{ name: 'waste-ai-analyze', ...addressOf(aiImageAnalyzeV1), outOfMemory: 'analyze-out-of-memory' }],
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
      {
        name: 'waste-prepare-photo',
        ...addressOf(imageUploadPhotoPrepareV1),
        step: 'prepare_photo',
        outOfMemory: 'prepare-out-of-memory',
      },
      {
        name: 'waste-identify-item',
        ...addressOf(gpt5AnalysisItemIdentifyV1),
        step: 'identify_item',
        outOfMemory: 'identify-out-of-memory',
      },
      {
        name: 'waste-retrieve-rules',
        ...addressOf(ruleRetrievalRulesRetrieveV1),
        step: 'retrieve_rules',
        outOfMemory: 'retrieve-out-of-memory',
      },
      {
        name: 'waste-compose-answer',
        ...addressOf(responseGenerationAnswerComposeV1),
        step: 'compose_answer',
        outOfMemory: 'compose-out-of-memory',
      },
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

function addressOf({ queue, type }: { queue: string; type: string }) {
  return { queue, type }
}
