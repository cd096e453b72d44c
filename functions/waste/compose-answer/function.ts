import { responseGenerationAnswerComposeV1 } from '../../_contracts/events/response-generation-answer-compose.v1.ts'
import { defineFunction } from '../../_lib/process/function-spec.ts'
import { broker, database, objectStore, redis } from '../../_lib/variables/groups.ts'
import { lease, workSecondsMax } from '../analysis/variables.ts'

export default defineFunction({
  name: 'waste-compose-answer',
  node: 'worker-ai',
  variant: 'stages',
  trigger: { queue: 'response_generation', retries: 3, backoff: 'PT0.5S', timeoutSeconds: 20 },
  handles: [responseGenerationAnswerComposeV1],
  scale: { min: 0, max: 3, concurrency: 10 },
  resources: { cpuMillis: 100, memoryMiB: 256 },
  timeoutSeconds: 60,
  variables: {
    ...broker(),
    ...database('waste', { connectionsMax: 2 }),
    ...redis('waste'),
    ...objectStore(),
    ...lease(),
    ...workSecondsMax(18),
  },
})
