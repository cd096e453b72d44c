import type { FunctionSpec } from '../../_lib/process/function-spec.ts'

export default {
  name: 'waste-prepare-photo',
  node: 'worker-storage',
  variant: 'stages',
  trigger: { queue: 'image_upload', retries: 3, backoff: 'PT0.5S', timeoutSeconds: 20 },
  scale: { min: 0, max: 3, concurrency: 10 },
  resources: { cpuMillis: 200, memoryMiB: 320 },
  timeoutSeconds: 60,
  environment: {
    BROKER_URL: { configMap: 'growbin', key: 'broker-url' },
    DATABASE_URL: { secret: 'waste-database', key: 'url' },
    EVENT_KEYS: { secret: 'event-keys', key: 'keys.json' },
    REDIS_URL: { secret: 'waste-redis', key: 'url' },
    S3_BUCKET: { configMap: 'growbin', key: 's3-bucket' },
    S3_REGION: { configMap: 'growbin', key: 's3-region' },
  },
  connections: { DATABASE_URL: 2 },
} satisfies FunctionSpec
