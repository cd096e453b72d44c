import { operatorNetworks, trustedProxies } from '../../_lib/limits/networks.ts'
import type { FunctionSpec } from '../../_lib/process/function-spec.ts'

export default {
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
  resources: { cpuMillis: 50, memoryMiB: 160 },
  timeoutSeconds: 60,
  environment: {
    DATABASE_URL: { secret: 'events-database', key: 'url' },
    OPERATOR_NETWORKS: { value: JSON.stringify(operatorNetworks) },
    OPERATOR_PUBLIC_KEYS: { configMap: 'operator-public-keys', key: 'jwks.json' },
    TRUSTED_PROXIES: { value: JSON.stringify(trustedProxies) },
  },
  connections: { DATABASE_URL: 2 },
} satisfies FunctionSpec
