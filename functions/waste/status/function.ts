import type { FunctionSpec } from '../../_lib/process/function-spec.ts'

export default {
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
  environment: {
    AUTH_PUBLIC_KEYS: { configMap: 'auth-public-keys', key: 'jwks.json' },
    DATABASE_URL: { secret: 'waste-database', key: 'url' },
    REDIS_URL: { secret: 'waste-redis', key: 'url' },
    WEB_ORIGINS: { configMap: 'growbin', key: 'web-origins' },
  },
  connections: { DATABASE_URL: 2 },
} satisfies FunctionSpec
