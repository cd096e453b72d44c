import { batchAnalyticsDailyV1 } from '../../_contracts/events/batch-analytics-daily.v1.ts'
import { batchPeriodStepV1 } from '../../_contracts/events/batch-period-step.v1.ts'
import { batchReportGenerateV1 } from '../../_contracts/events/batch-report-generate.v1.ts'
import { batchTickV1 } from '../../_contracts/events/batch-tick.v1.ts'
import { defineFunction } from '../../_lib/process/function-spec.ts'
import { broker, databases, objectStore } from '../../_lib/variables/groups.ts'
import { integer } from '../../_lib/variables/variable.ts'

export default defineFunction({
  name: 'jobs-batch-aggregate',
  node: 'async',
  trigger: {
    queue: 'batch',
    retries: 2,
    // 36 s in all, since the function may have to start from zero, with its image still to be pulled.
    backoff: 'PT1S',
    timeoutSeconds: 10,
    schedules: [
      // Each again an hour later, in case the first tick is lost; a period that is done costs one query.
      { name: 'analytics', cron: '0 2,3 * * *', body: { task: 'analytics.daily' } },
      // Two hours after Sunday was counted, and before working hours.
      { name: 'report', cron: '0 4,5 * * 1', body: { task: 'report.generate' } },
      { name: 'resume', cron: '*/5 * * * *', body: { task: 'batch.resume' } },
    ],
  },
  handles: [batchTickV1, batchAnalyticsDailyV1, batchReportGenerateV1, batchPeriodStepV1],
  publishes: [batchPeriodStepV1],
  scale: { min: 0, max: 1, concurrency: 2 },
  // Batch work uses idle CPU, and yields to functions that people wait for.
  resources: { cpuMillis: 10, memoryMiB: 160 },
  // A step holds one connection, and its failure is recorded with another.
  variables: {
    ...broker(),
    ...objectStore(),
    // The events domain: runs, checkpoints, figures and reports.
    ...databases({ DATABASE_URL: { domain: 'events', connectionsMax: 4 } }),
    /** After this time a step writes its checkpoint and publishes the next command. A page in progress is finished. */
    STEP_MS_MAX: integer(1_500, { min: 0, max: 2_000 }),
    /** Rows in memory at a time. */
    PAGE_ROWS_MAX: integer(1_000, { max: 10_000 }),
  },
})
