import { batchAnalyticsDailyV1 } from '../../_contracts/events/batch-analytics-daily.v1.ts'
import { batchPeriodStepV1 } from '../../_contracts/events/batch-period-step.v1.ts'
import type { BatchRange, BatchTask } from '../../_contracts/events/batch-range.v1.ts'
import { batchReportGenerateV1 } from '../../_contracts/events/batch-report-generate.v1.ts'
import { batchTickV1 } from '../../_contracts/events/batch-tick.v1.ts'
import type { JsonCloudEvent } from '../../_lib/events/cloud-event.ts'
import { createEventApp, type EventAppOptions } from '../../_lib/events/event-app.ts'
import type { HttpApp } from '../../_lib/http/http-app.ts'
import type { PeriodStep } from '../../events/tasks/batch-chain.pg.ts'
import spec from './function.ts'

export type HandlerOptions = EventAppOptions & {
  planRange: (event: JsonCloudEvent, task: BatchTask, range: BatchRange) => Promise<void>
  planMissing: (event: JsonCloudEvent, task: BatchTask) => Promise<void>
  takeStep: (event: JsonCloudEvent, step: PeriodStep) => Promise<void>
  resume: (event: JsonCloudEvent) => Promise<void>
}

export function createHandler(options: HandlerOptions): HttpApp {
  return createEventApp(spec, options, {
    [batchTickV1.type]: (event, { task }) =>
      task === 'batch.resume' ? options.resume(event) : options.planMissing(event, task),
    [batchAnalyticsDailyV1.type]: (event, range) => options.planRange(event, 'analytics.daily', range),
    [batchReportGenerateV1.type]: (event, range) => options.planRange(event, 'report.generate', range),
    [batchPeriodStepV1.type]: (event, step) => options.takeStep(event, step),
  })
}
