import * as z from 'zod'
import { aiImageAnalyzeV1 } from '../../_contracts/events/ai-image-analyze.v1.ts'
import { imageUploadPhotoPrepareV1 } from '../../_contracts/events/image-upload-photo-prepare.v1.ts'
import { defineFunction } from '../../_lib/process/function-spec.ts'
import { accessTokens, broker, database, objectStore, publicAddress, redis } from '../../_lib/variables/groups.ts'
import { integer, variable } from '../../_lib/variables/variable.ts'
import { analysisVariants } from '../analysis-step.ts'

export default defineFunction({
  name: 'waste-upload-complete',
  node: 'async',
  trigger: { routes: [{ method: 'POST', path: '/api/v1/waste/upload-complete/:job_id' }] },
  publishes: [aiImageAnalyzeV1, imageUploadPhotoPrepareV1],
  scale: { min: 1, max: 2, concurrency: 0 },
  resources: { cpuMillis: 50, memoryMiB: 176 },
  variables: {
    ...accessTokens(),
    ...broker(),
    ...database('waste', { connectionsMax: 4 }),
    ...redis('waste'),
    ...objectStore(),
    ...publicAddress(),
    /** What new jobs are analysed by; those that are queued already keep theirs. */
    ANALYSIS_VARIANT: variable(z.enum(analysisVariants).default('single')),
    /** Jobs that are queued or in work before further ones are held back: q-ai holds 5000 events. */
    ANALYSES_ORDERED_MAX: integer(4_500),
    REQUESTS_PER_MINUTE_MAX: integer(120),
  },
})
