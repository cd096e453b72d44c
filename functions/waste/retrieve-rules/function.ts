import { responseGenerationAnswerComposeV1 } from '../../_contracts/events/response-generation-answer-compose.v1.ts'
import { ruleRetrievalRulesRetrieveV1 } from '../../_contracts/events/rule-retrieval-rules-retrieve.v1.ts'
import { defineFunction } from '../../_lib/process/function-spec.ts'
import { analysis, workSecondsMax } from '../analysis/variables.ts'

export default defineFunction({
  name: 'waste-retrieve-rules',
  node: 'worker-storage',
  variant: 'stages',
  trigger: { queue: 'rule_retrieval', retries: 3, backoff: 'PT0.5S', timeoutSeconds: 10 },
  handles: [ruleRetrievalRulesRetrieveV1],
  publishes: [responseGenerationAnswerComposeV1],
  scale: { min: 0, max: 2, concurrency: 10 },
  resources: { cpuMillis: 50, memoryMiB: 128 },
  variables: {
    ...analysis({ connectionsMax: 2 }),
    ...workSecondsMax(9),
  },
})
