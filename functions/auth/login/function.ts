import { trustedProxies } from '../../_lib/limits/networks.ts'
import type { FunctionSpec } from '../../_lib/process/function-spec.ts'

export default {
  name: 'auth-login',
  node: 'application',
  trigger: {
    routes: [
      { method: 'POST', path: '/api/v1/auth/login/:provider/begin', access: 'public' },
      { method: 'POST', path: '/api/v1/auth/login/:provider', access: 'public' },
    ],
  },
  scale: { min: 1, max: 3, concurrency: 0 },
  resources: { cpuMillis: 50, memoryMiB: 192 },
  timeoutSeconds: 60,
  environment: {
    AUTH_SIGNING_KEY: { secret: 'auth-signing-key', key: 'jwk.json' },
    DATABASE_URL: { secret: 'auth-database', key: 'url' },
    LOGIN_PROVIDERS: { secret: 'auth-login-providers', key: 'providers.json' },
    LOGIN_REDIRECT_URIS: { configMap: 'growbin', key: 'login-redirect-uris' },
    PROVIDER_TOKEN_KEYS: { secret: 'auth-provider-token-keys', key: 'keys.json' },
    REDIS_URL: { secret: 'auth-redis', key: 'url' },
    TRUSTED_PROXIES: { value: JSON.stringify(trustedProxies) },
    WEB_ORIGINS: { configMap: 'growbin', key: 'web-origins' },
  },
  connections: { DATABASE_URL: 2 },
} satisfies FunctionSpec
