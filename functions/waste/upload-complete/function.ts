import type { FunctionSpec } from '../../_lib/process/function-spec.ts'

export default {
  name: 'waste-upload-complete',
  node: 'async',
  trigger: { routes: [{ method: 'POST', path: '/api/v1/waste/upload-complete/:job_id' }] },
  scale: { min: 1, max: 4, concurrency: 0 },
  resources: { cpuMillis: 50, memoryMiB: 192 },
  timeoutSeconds: 60,
  environment: {
    AUTH_PUBLIC_KEYS: { configMap: 'auth-public-keys', key: 'jwks.json' },
    BROKER_URL: { configMap: 'growbin', key: 'broker-url' },
    DATABASE_URL: { secret: 'waste-database', key: 'url' },
    EVENT_KEYS: { secret: 'event-keys', key: 'keys.json' },
    PUBLIC_BASE_URL: { configMap: 'growbin', key: 'public-base-url' },
    REDIS_URL: { secret: 'waste-redis', key: 'url' },
    S3_BUCKET: { configMap: 'growbin', key: 's3-bucket' },
    S3_REGION: { configMap: 'growbin', key: 's3-region' },
    WEB_ORIGINS: { configMap: 'growbin', key: 'web-origins' },
  },
  connections: { DATABASE_URL: 4 },
} satisfies FunctionSpec
