import { responseGenerationAnswerComposeV1 } from '../../_contracts/events/response-generation-answer-compose.v1.ts'
import { defineFunction } from '../../_lib/process/function-spec.ts'
import { objectStore } from '../../_lib/variables/groups.ts'
import { analysis, workSecondsMax } from '../analysis/variables.ts'

export default defineFunction({
  name: 'waste-compose-answer',
  node: 'worker-ai',
  variant: 'stages',
  trigger: { queue: 'response_generation', retries: 3, backoff: 'PT0.5S', timeoutSeconds: 20 },
  handles: [responseGenerationAnswerComposeV1],
  scale: { min: 0, max: 3, concurrency: 10 },
  resources: { cpuMillis: 100, memoryMiB: 256 },
  variables: {
    ...analysis({ connectionsMax: 2 }),
    ...objectStore(),
    ...workSecondsMax(18),
  },
})
