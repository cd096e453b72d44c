import type { FunctionSpec } from '../../_lib/process/function-spec.ts'

export default {
  name: 'users-delete-account',
  node: 'application',
  trigger: { routes: [{ method: 'DELETE', path: '/api/v1/users/account' }] },
  scale: { min: 0, max: 2, concurrency: 0 },
  resources: { cpuMillis: 50, memoryMiB: 192 },
  timeoutSeconds: 60,
  environment: {
    AUTH_PUBLIC_KEYS: { configMap: 'auth-public-keys', key: 'jwks.json' },
    BROKER_URL: { configMap: 'growbin', key: 'broker-url' },
    DATABASE_URL: { secret: 'users-database', key: 'url' },
    PSEUDONYM_KEY: { secret: 'users-pseudonym-key', key: 'key' },
    EVENT_KEYS: { secret: 'event-keys', key: 'keys.json' },
    WEB_ORIGINS: { configMap: 'growbin', key: 'web-origins' },
  },
  connections: { DATABASE_URL: 1 },
} satisfies FunctionSpec
