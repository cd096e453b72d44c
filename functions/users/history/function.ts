import { defineFunction } from '../../_lib/process/function-spec.ts'
import { accessTokens, database, redis } from '../../_lib/variables/groups.ts'
import { integer } from '../../_lib/variables/variable.ts'

export default defineFunction({
  name: 'users-history',
  node: 'application',
  trigger: {
    routes: [
      { method: 'GET', path: '/api/v1/users/history' },
      { method: 'GET', path: '/api/v1/users/stats' },
    ],
  },
  scale: { min: 1, max: 2, concurrency: 0 },
  resources: { cpuMillis: 50, memoryMiB: 128 },
  variables: {
    ...accessTokens(),
    ...database('users', { connectionsMax: 2 }),
    ...redis('users'),
    REQUESTS_PER_MINUTE_MAX: integer(120),
  },
})
