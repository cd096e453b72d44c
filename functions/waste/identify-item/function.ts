import { gpt5AnalysisItemIdentifyV1 } from '../../_contracts/events/gpt5-analysis-item-identify.v1.ts'
import { ruleRetrievalRulesRetrieveV1 } from '../../_contracts/events/rule-retrieval-rules-retrieve.v1.ts'
import { defineFunction } from '../../_lib/process/function-spec.ts'
import { objectStore } from '../../_lib/variables/groups.ts'
import { analysis, model, workSecondsMax } from '../analysis/variables.ts'

export default defineFunction({
  name: 'waste-identify-item',
  node: 'worker-ai',
  variant: 'stages',
  trigger: { queue: 'gpt5_analysis', retries: 3, backoff: 'PT0.5S', timeoutSeconds: 40 },
  handles: [gpt5AnalysisItemIdentifyV1],
  publishes: [ruleRetrievalRulesRetrieveV1],
  // Most of a delivery is waiting for the model.
  scale: { min: 0, max: 2, concurrency: 50 },
  resources: { cpuMillis: 100, memoryMiB: 192 },
  variables: {
    ...analysis({ connectionsMax: 2 }),
    ...objectStore(),
    ...model(),
    ...workSecondsMax(37),
  },
})
