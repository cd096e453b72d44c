import { proxies } from '../../_lib/limits/networks.ts'
import { defineFunction } from '../../_lib/process/function-spec.ts'
import { accessTokens, database, redis } from '../../_lib/variables/groups.ts'
import { integer } from '../../_lib/variables/variable.ts'
import { refreshTokenKey, signingKey } from '../auth-variables.ts'

export default defineFunction({
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
  scale: { min: 1, max: 2, concurrency: 0 },
  resources: { cpuMillis: 50, memoryMiB: 128 },
  variables: {
    ...accessTokens(),
    ...database('auth', { connectionsMax: 4 }),
    ...redis('auth'),
    ...signingKey(),
    ...refreshTokenKey(),
    ...proxies(),
    /** Of one address, behind which a carrier may have thousands of people. */
    REFRESHES_PER_MINUTE_MAX: integer(600),
    LOGOUTS_PER_MINUTE_MAX: integer(300),
    /** Of one session: an app needs four an hour, a web client one for each page that it loads. */
    REFRESHES_OF_SESSION_PER_HOUR_MAX: integer(60),
  },
})
