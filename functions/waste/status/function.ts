import { defineFunction } from '../../_lib/process/function-spec.ts'
import { accessTokens, database, redis } from '../../_lib/variables/groups.ts'
import { integer } from '../../_lib/variables/variable.ts'

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
  scale: { min: 1, max: 2, concurrency: 0 },
  resources: { cpuMillis: 75, memoryMiB: 176 },
  timeoutSeconds: 120,
  variables: {
    ...accessTokens(),
    ...database('waste', { connectionsMax: 2 }),
    ...redis('waste'),
    /** How long one progress stream stays open; the client then resumes it. Shorter than the idle time of the ALB's peer. */
    STREAM_SECONDS_MAX: integer(55, { max: 100 }),
    /** Of one person, in one process: a client polls once a second at most, for five jobs at most. */
    REQUESTS_PER_MINUTE_MAX: integer(600),
    /** Progress streams of one person at once, in one process. */
    STREAMS_PER_PERSON_MAX: integer(10),
  },
})
