import type { FunctionSpec } from '../../_lib/process/function-spec.ts'

export default {
  name: 'users-history',
  node: 'application',
  trigger: {
    routes: [
      { method: 'GET', path: '/api/v1/users/history' },
      { method: 'GET', path: '/api/v1/users/stats' },
    ],
  },
  scale: { min: 1, max: 4, concurrency: 0 },
  resources: { cpuMillis: 100, memoryMiB: 192 },
  timeoutSeconds: 60,
  environment: {
    AUTH_PUBLIC_KEYS: { configMap: 'auth-public-keys', key: 'jwks.json' },
    DATABASE_URL: { secret: 'users-database', key: 'url' },
    REDIS_URL: { secret: 'users-redis', key: 'url' },
    WEB_ORIGINS: { configMap: 'growbin', key: 'web-origins' },
  },
  connections: { DATABASE_URL: 2 },
} satisfies FunctionSpec
