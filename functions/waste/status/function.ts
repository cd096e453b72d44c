import * as z from 'zod'
import { defineFunction } from '../../_lib/process/function-spec.ts'
import { accessTokens, database, redis, webClients } from '../../_lib/variables/groups.ts'
import { variable } from '../../_lib/variables/variable.ts'

export default defineFunction({
  name: 'waste-status',
  node: 'async',
  trigger: {
    routes: [
      { method: 'GET', path: '/api/v1/waste/status/:job_id' },
      { method: 'GET', path: '/api/v1/waste/result/:job_id' },
      { method: 'GET', path: '/api/v1/waste/events/:job_id' },
    ],
  },
  scale: { min: 1, max: 4, concurrency: 0 },
  resources: { cpuMillis: 100, memoryMiB: 192 },
  timeoutSeconds: 120,
  variables: {
    ...accessTokens(),
    ...webClients(),
    ...database('waste', { connectionsMax: 2 }),
    ...redis('waste'),
    /** How long one progress stream stays open; the client then resumes it. Shorter than the idle time of the ALB's peer. */
    STREAM_SECONDS_MAX: variable(z.coerce.number().int().min(1).max(100).default(55)),
    /** Of one person, in one process: a client polls once a second at most, for five jobs at most. */
    REQUESTS_PER_MINUTE_MAX: variable(z.coerce.number().int().positive().default(600)),
    /** Progress streams of one person at once, in one process. */
    STREAMS_PER_PERSON_MAX: variable(z.coerce.number().int().positive().default(10)),
  },
})
