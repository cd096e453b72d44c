import type { FunctionSpec } from '../../_lib/process/function-spec.ts'

export default {
  name: 'events-dead-letter',
  node: 'async',
  trigger: { queue: 'dlq', retries: 2, backoff: 'PT5S', backoffPolicy: 'linear', timeoutSeconds: 5 },
  scale: { min: 0, max: 2, concurrency: 10 },
  resources: { cpuMillis: 50, memoryMiB: 160 },
  timeoutSeconds: 60,
  environment: {
    DATABASE_URL: { secret: 'events-database', key: 'url' },
    EVENT_KEYS: { secret: 'event-keys', key: 'keys.json' },
  },
  connections: { DATABASE_URL: 2 },
} satisfies FunctionSpec
