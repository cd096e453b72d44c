import type { FunctionSpec } from '../../_lib/process/function-spec.ts'

export default {
  name: 'waste-retrieve-rules',
  node: 'worker-storage',
  variant: 'stages',
  trigger: { queue: 'rule_retrieval', retries: 3, backoff: 'PT0.5S', timeoutSeconds: 10 },
  scale: { min: 0, max: 2, concurrency: 10 },
  resources: { cpuMillis: 50, memoryMiB: 128 },
  timeoutSeconds: 60,
  environment: {
    BROKER_URL: { configMap: 'growbin', key: 'broker-url' },
    DATABASE_URL: { secret: 'waste-database', key: 'url' },
    EVENT_KEYS: { secret: 'event-keys', key: 'keys.json' },
    REDIS_URL: { secret: 'waste-redis', key: 'url' },
  },
  connections: { DATABASE_URL: 2 },
} satisfies FunctionSpec
