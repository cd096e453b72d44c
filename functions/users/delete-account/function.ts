import { apiAccountDeleteV1 } from '../../_contracts/events/api-account-delete.v1.ts'
import { pseudonyms } from '../../_lib/access/pseudonym.ts'
import { defineFunction } from '../../_lib/process/function-spec.ts'
import { accessTokens, broker, database } from '../../_lib/variables/groups.ts'

export default defineFunction({
  name: 'users-delete-account',
  node: 'application',
  trigger: { routes: [{ method: 'DELETE', path: '/api/v1/users/account' }] },
  publishes: [apiAccountDeleteV1],
  scale: { min: 0, max: 2, concurrency: 0 },
  resources: { cpuMillis: 50, memoryMiB: 128 },
  variables: {
    ...accessTokens(),
    ...broker(),
    ...database('users', { connectionsMax: 1 }),
    ...pseudonyms('users'),
  },
})
