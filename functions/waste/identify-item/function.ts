import type { FunctionSpec } from '../../_lib/process/function-spec.ts'

export default {
  name: 'waste-identify-item',
  node: 'worker-ai',
  variant: 'stages',
  trigger: { queue: 'gpt5_analysis', retries: 3, backoff: 'PT0.5S', timeoutSeconds: 40 },
  // Most of a delivery is waiting for the model.
  scale: { min: 0, max: 2, concurrency: 50 },
  resources: { cpuMillis: 100, memoryMiB: 192 },
  timeoutSeconds: 60,
  environment: {
    BROKER_URL: { configMap: 'growbin', key: 'broker-url' },
    DATABASE_URL: { secret: 'waste-database', key: 'url' },
    EVENT_KEYS: { secret: 'event-keys', key: 'keys.json' },
    OPENAI_API_KEY: { secret: 'waste-openai', key: 'api-key' },
    OPENAI_BASE_URL: { configMap: 'growbin', key: 'openai-base-url' },
    PSEUDONYM_KEY: { secret: 'waste-pseudonym-key', key: 'key' },
    REDIS_URL: { secret: 'waste-redis', key: 'url' },
    S3_BUCKET: { configMap: 'growbin', key: 's3-bucket' },
    S3_REGION: { configMap: 'growbin', key: 's3-region' },
  },
  connections: { DATABASE_URL: 2 },
} satisfies FunctionSpec
