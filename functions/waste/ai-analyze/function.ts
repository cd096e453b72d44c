import type { FunctionSpec } from '../../_lib/process/function-spec.ts'

export default {
  name: 'waste-ai-analyze',
  node: 'async',
  // Waits of 2, 4 and 8 s outlast a restart of PostgreSQL; what is dead-lettered waits a minute for the redriver.
  trigger: { queue: 'ai', retries: 3, backoff: 'PT1S', timeoutSeconds: 40 },
  // Most of a delivery is waiting for the model; originals and decoding have limits of their own (analysis/image).
  scale: { min: 0, max: 2, concurrency: 50 },
  resources: { cpuMillis: 250, memoryMiB: 320 },
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
  connections: { DATABASE_URL: 3 },
} satisfies FunctionSpec
