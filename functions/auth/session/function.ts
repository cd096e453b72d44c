import { trustedProxies } from '../../_lib/limits/networks.ts'
import type { FunctionSpec } from '../../_lib/process/function-spec.ts'

export default {
  name: 'auth-session',
  node: 'application',
  trigger: {
    routes: [
      { method: 'POST', path: '/api/v1/auth/refresh', access: 'public' },
      { method: 'POST', path: '/api/v1/auth/logout', access: 'public' },
      { method: 'GET', path: '/api/v1/auth/me' },
      { method: 'GET', path: '/api/v1/auth/sessions' },
      { method: 'DELETE', path: '/api/v1/auth/sessions/:session_id' },
      { method: 'GET', path: '/.well-known/jwks.json', access: 'public' },
    ],
  },
  scale: { min: 1, max: 3, concurrency: 0 },
  resources: { cpuMillis: 50, memoryMiB: 192 },
  timeoutSeconds: 60,
  environment: {
    AUTH_PUBLIC_KEYS: { configMap: 'auth-public-keys', key: 'jwks.json' },
    AUTH_SIGNING_KEY: { secret: 'auth-signing-key', key: 'jwk.json' },
    DATABASE_URL: { secret: 'auth-database', key: 'url' },
    REDIS_URL: { secret: 'auth-redis', key: 'url' },
    REFRESH_TOKEN_KEY: { secret: 'auth-refresh-token-key', key: 'key' },
    TRUSTED_PROXIES: { value: JSON.stringify(trustedProxies) },
    WEB_ORIGINS: { configMap: 'growbin', key: 'web-origins' },
  },
  connections: { DATABASE_URL: 4 },
} satisfies FunctionSpec
