import { apiProfileSyncV1 } from '../../_contracts/events/api-profile-sync.v1.ts'
import { proxies } from '../../_lib/limits/networks.ts'
import { defineFunction } from '../../_lib/process/function-spec.ts'
import { database, redis, webClients } from '../../_lib/variables/groups.ts'
import { providerTokenKeys, signingKey } from '../auth-variables.ts'
import { loginVariables } from './variables.ts'

export default defineFunction({
  name: 'auth-login',
  node: 'application',
  trigger: {
    routes: [
      { method: 'POST', path: '/api/v1/auth/login/:provider/begin', access: 'public' },
      { method: 'POST', path: '/api/v1/auth/login/:provider', access: 'public' },
    ],
  },
  publishes: [apiProfileSyncV1],
  scale: { min: 1, max: 2, concurrency: 0 },
  resources: { cpuMillis: 50, memoryMiB: 128 },
  variables: {
    ...database('auth', { connectionsMax: 2 }),
    ...redis('auth'),
    ...signingKey(),
    ...providerTokenKeys(),
    ...webClients(),
    ...proxies(),
    ...loginVariables,
  },
})
