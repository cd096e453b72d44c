import type { FunctionSpec } from '../../_lib/process/function-spec.ts'

export default {
  name: 'jobs-batch-aggregate',
  node: 'async',
  trigger: {
    queue: 'batch',
    retries: 2,
    backoff: 'PT0.5S',
    timeoutSeconds: 5,
    schedules: [
      // Each a second time an hour later, for the case that the first tick was lost: what is ordered already is one look.
      { name: 'analytics', cron: '0 2,3 * * *', body: { task: 'analytics.daily' } },
      // Two hours after Sunday was counted, and before anybody works.
      { name: 'report', cron: '0 4,5 * * 1', body: { task: 'report.generate' } },
      { name: 'resume', cron: '*/5 * * * *', body: { task: 'batch.resume' } },
    ],
  },
  scale: { min: 0, max: 1, concurrency: 2 },
  // It takes what is idle, and stands back for whoever is waited for.
  resources: { cpuMillis: 10, memoryMiB: 192 },
  timeoutSeconds: 60,
  environment: {
    BROKER_URL: { configMap: 'growbin', key: 'broker-url' },
    DATABASE_URL: { secret: 'events-database', key: 'url' },
    EVENT_KEYS: { secret: 'event-keys', key: 'keys.json' },
    S3_BUCKET: { configMap: 'growbin', key: 's3-bucket' },
    S3_REGION: { configMap: 'growbin', key: 's3-region' },
  },
  // A step holds one connection, and a failed one is noted by another.
  connections: { DATABASE_URL: 4 },
} satisfies FunctionSpec
