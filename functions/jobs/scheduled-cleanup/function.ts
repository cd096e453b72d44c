import type { FunctionSpec } from '../../_lib/process/function-spec.ts'

export default {
  name: 'jobs-scheduled-cleanup',
  node: 'async',
  trigger: {
    queue: 'sched',
    retries: 2,
    backoff: 'PT0.5S',
    timeoutSeconds: 16,
    schedules: [
      { name: 'cache', cron: '0 * * * *', body: { task: 'cleanup.cache' } },
      { name: 'images', cron: '0 3 * * *', body: { task: 'cleanup.images' } },
    ],
  },
  scale: { min: 0, max: 1, concurrency: 3 },
  resources: { cpuMillis: 50, memoryMiB: 192 },
  timeoutSeconds: 60,
  environment: {
    AUTH_DATABASE_URL: { secret: 'auth-database', key: 'url' },
    BROKER_URL: { configMap: 'growbin', key: 'broker-url' },
    DATABASE_URL: { secret: 'events-database', key: 'url' },
    EVENT_KEYS: { secret: 'event-keys', key: 'keys.json' },
    LOCATIONS_DATABASE_URL: { secret: 'locations-database', key: 'url' },
    REDIS_URL: { secret: 'waste-redis', key: 'url' },
    S3_BUCKET: { configMap: 'growbin', key: 's3-bucket' },
    S3_REGION: { configMap: 'growbin', key: 's3-region' },
    WASTE_DATABASE_URL: { secret: 'waste-database', key: 'url' },
  },
  // A turn holds one connection for its lock, and needs another while it works.
  connections: { AUTH_DATABASE_URL: 1, DATABASE_URL: 5, LOCATIONS_DATABASE_URL: 1, WASTE_DATABASE_URL: 2 },
} satisfies FunctionSpec
