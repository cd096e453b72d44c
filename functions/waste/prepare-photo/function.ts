import { gpt5AnalysisItemIdentifyV1 } from '../../_contracts/events/gpt5-analysis-item-identify.v1.ts'
import { imageUploadPhotoPrepareV1 } from '../../_contracts/events/image-upload-photo-prepare.v1.ts'
import { responseGenerationAnswerComposeV1 } from '../../_contracts/events/response-generation-answer-compose.v1.ts'
import { defineFunction } from '../../_lib/process/function-spec.ts'
import { objectStore } from '../../_lib/variables/groups.ts'
import { analysis, modelName, workSecondsMax } from '../analysis/variables.ts'

export default defineFunction({
  name: 'waste-prepare-photo',
  node: 'worker-storage',
  variant: 'stages',
  trigger: { queue: 'image_upload', retries: 3, backoff: 'PT0.5S', timeoutSeconds: 20 },
  handles: [imageUploadPhotoPrepareV1],
  publishes: [gpt5AnalysisItemIdentifyV1, responseGenerationAnswerComposeV1],
  scale: { min: 0, max: 3, concurrency: 10 },
  resources: { cpuMillis: 200, memoryMiB: 320 },
  variables: {
    ...analysis({ connectionsMax: 2 }),
    ...objectStore(),
    ...modelName(),
    ...workSecondsMax(18),
  },
})
