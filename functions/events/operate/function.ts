import { operatorAddresses } from '../../_lib/limits/networks.ts'
import { defineFunction } from '../../_lib/process/function-spec.ts'
import { database, operatorTokens } from '../../_lib/variables/groups.ts'

export default defineFunction({
  name: 'events-operate',
  node: 'async',
  trigger: {
    routes: [
      { method: 'GET', path: '/api/v1/operations/dead-letters', access: 'operator' },
      { method: 'POST', path: '/api/v1/operations/dead-letters/replay', access: 'operator' },
      { method: 'GET', path: '/api/v1/operations/dead-letters/:dead_letter_id', access: 'operator' },
      { method: 'POST', path: '/api/v1/operations/dead-letters/:dead_letter_id/replay', access: 'operator' },
      { method: 'POST', path: '/api/v1/operations/dead-letters/:dead_letter_id/discard', access: 'operator' },
      { method: 'GET', path: '/api/v1/operations/runs', access: 'operator' },
      { method: 'GET', path: '/api/v1/operations/runs/:run_id', access: 'operator' },
    ],
  },
  scale: { min: 0, max: 1, concurrency: 10 },
  resources: { cpuMillis: 50, memoryMiB: 112 },
  variables: {
    ...operatorTokens(),
    ...operatorAddresses(),
    ...database('events', { connectionsMax: 2 }),
  },
})
