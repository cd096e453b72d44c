import { aiImageAnalyzeV1 } from '../../_contracts/events/ai-image-analyze.v1.ts'
import { defineFunction } from '../../_lib/process/function-spec.ts'
import { objectStore } from '../../_lib/variables/groups.ts'
import { integer } from '../../_lib/variables/variable.ts'
import { analysis, model } from '../analysis/variables.ts'

export default defineFunction({
  name: 'waste-ai-analyze',
  node: 'async',
  // Waits of 2, 4 and 8 s outlast a restart of PostgreSQL; what is dead-lettered waits a minute for the redriver.
  trigger: { queue: 'ai', retries: 3, backoff: 'PT1S', timeoutSeconds: 40 },
  handles: [aiImageAnalyzeV1],
  // Most of a delivery is waiting for the model; originals and decoding have limits of their own (analysis/image).
  scale: { min: 0, max: 2, concurrency: 50 },
  resources: { cpuMillis: 250, memoryMiB: 320 },
  variables: {
    ...analysis({ connectionsMax: 3 }),
    ...objectStore(),
    ...model(),
    /** After this an analysis is released for a retry. Shorter than the 60 s in which a request must be answered. */
    WORK_SECONDS_MAX: integer(55, { max: 58 }),
  },
})
