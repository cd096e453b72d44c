import { eventKeys } from '../../_lib/events/event-keys.ts'
import { defineFunction } from '../../_lib/process/function-spec.ts'
import { database } from '../../_lib/variables/groups.ts'

export default defineFunction({
  name: 'events-dead-letter',
  node: 'async',
  trigger: { queue: 'dlq', retries: 2, backoff: 'PT5S', backoffPolicy: 'linear', timeoutSeconds: 5 },
  scale: { min: 0, max: 1, concurrency: 10 },
  resources: { cpuMillis: 50, memoryMiB: 112 },
  variables: {
    ...eventKeys(),
    ...database('events', { connectionsMax: 2 }),
  },
})
