import * as z from 'zod'
import type { FunctionSpec } from '../../functions/_lib/process/function-spec.ts'
import { variable } from '../../functions/_lib/variables/variable.ts'
import type { LoadedSpec } from './load-specs.ts'
import type { CronSpec, HttpSpec, QueueSpec } from './trigger-kind.ts'

const common = {
  node: 'async',
  scale: { min: 0, max: 3, concurrency: 10 },
  resources: { cpuMillis: 100, memoryMiB: 96 },
  timeoutSeconds: 60,
  handles: [],
  publishes: [],
  variables: {},
} as const

export const httpSpec: HttpSpec = {
  ...common,
  name: 'waste-presign',
  scale: { min: 1, max: 4, concurrency: 0 },
  trigger: { routes: [{ method: 'POST', path: '/api/v1/waste/analyze' }] },
  variables: {
    LOG_LEVEL: variable(z.string(), { value: 'info' }),
    DATABASE_URL: { ...variable(z.string(), { secret: 'waste-database', key: 'url' }), connectionsMax: 4 },
    S3_REGION: variable(z.string(), { configMap: 'object-store', key: 'region' }),
    STEP_MS_MAX: variable(z.coerce.number().default(1_000)),
  },
}

export const queueSpec: QueueSpec = {
  ...common,
  name: 'waste-ai-analyze',
  scale: { min: 0, max: 2, concurrency: 50 },
  trigger: { queue: 'ai', retries: 3, backoff: 'PT0.5S', timeoutSeconds: 40 },
}

export const stageSpec: QueueSpec = {
  ...common,
  name: 'waste-identify-item',
  node: 'worker-ai',
  variant: 'stages',
  scale: { min: 0, max: 2, concurrency: 50 },
  trigger: { queue: 'gpt5_analysis', retries: 3, backoff: 'PT0.5S', timeoutSeconds: 40 },
}

export const cronSpec: CronSpec = {
  ...common,
  name: 'events-relay',
  scale: { min: 0, max: 1, concurrency: 1 },
  trigger: { schedules: [{ name: 'outbox', cron: '*/10 * * * * *', body: { task: 'publish' } }] },
}

export const deadLetterSpec: QueueSpec = {
  ...common,
  name: 'events-dead-letter',
  trigger: { queue: 'dlq', retries: 2, backoff: 'PT5S', backoffPolicy: 'linear', timeoutSeconds: 5 },
}

export const scheduledSpec: QueueSpec = {
  ...common,
  scale: { min: 0, max: 1, concurrency: 10 },
  name: 'jobs-scheduled-cleanup',
  trigger: {
    queue: 'sched',
    retries: 2,
    backoff: 'PT0.5S',
    timeoutSeconds: 16,
    schedules: [{ name: 'images', cron: '0 3 * * *', body: { task: 'cleanup.images' } }],
  },
}

/** Specs as if found in their own folders. */
export function loaded(...specs: readonly FunctionSpec[]): LoadedSpec[] {
  return specs.map((spec) => ({ spec, source: `functions/${spec.name.replace('-', '/')}/function.ts` }))
}
