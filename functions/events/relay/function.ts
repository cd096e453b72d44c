import type { FunctionSpec } from '../../_lib/process/function-spec.ts'

export default {
  name: 'events-relay',
  node: 'async',
  trigger: {
    schedules: [
      { name: 'events-relay', cron: '* * * * * *', body: { task: 'relay' } },
      { name: 'events-relay-redrive', cron: '*/5 * * * * *', body: { task: 'redrive' } },
    ],
  },
  scale: { min: 0, max: 2, concurrency: 1 },
  resources: { cpuMillis: 50, memoryMiB: 160 },
  timeoutSeconds: 60,
  environment: {
    AUTH_DATABASE_URL: { secret: 'auth-database', key: 'url' },
    BROKER_URL: { configMap: 'growbin', key: 'broker-url' },
    DATABASE_URL: { secret: 'events-database', key: 'url' },
    EVENT_KEYS: { secret: 'event-keys', key: 'keys.json' },
    LOCATIONS_DATABASE_URL: { secret: 'locations-database', key: 'url' },
    REDIS_URL: { secret: 'events-redis', key: 'url' },
    USERS_DATABASE_URL: { secret: 'users-database', key: 'url' },
    WASTE_DATABASE_URL: { secret: 'waste-database', key: 'url' },
  },
  connections: {
    AUTH_DATABASE_URL: 1,
    DATABASE_URL: 2,
    LOCATIONS_DATABASE_URL: 1,
    USERS_DATABASE_URL: 1,
    WASTE_DATABASE_URL: 1,
  },
} satisfies FunctionSpec
