import { batchPeriodStepV1 } from '../../_contracts/events/batch-period-step.v1.ts'
import { eventsOf } from '../../_lib/events/event-contract.ts'
import { continueTrace } from '../../_lib/events/trace.ts'
import { createUuidV7 } from '../../_lib/http/uuid.ts'
import { connectBroker, connectOutbox } from '../../_lib/messaging/connect-outbox.pg.ts'
import { eventAppParts } from '../../_lib/messaging/event-app-parts.ts'
import { composeFunction } from '../../_lib/process/compose-function.ts'
import { connectDatabase } from '../../_lib/stores/connect-database.pg.ts'
import { connectObjectStore } from '../../_lib/stores/s3/connect-object-store.s3.ts'
import { createBatchPeriods } from '../../events/tasks/batch-periods.pg.ts'
import spec from './function.ts'
import { createHandler } from './handler.ts'
import { planMissing, planRange } from './plan-periods.ts'
import { resumeSteps } from './resume-steps.ts'
import { takeStep } from './take-step.ts'

const createEvent = eventsOf<typeof spec>('jobs-batch-aggregate')

// Together with a step these stay below the deadline of a delivery; interrupted work is retried, or left to the relay.
const statementTimeoutMs = 2_000
const objectsTimeoutMs = 2_000
const publishing = { timeoutMs: 500, maxAttempts: 1 }

export const start = composeFunction(import.meta, spec, (fn) => {
  const { config, log, metrics } = fn
  const database = connectDatabase(fn, { statementTimeoutMs })
  const objects = connectObjectStore(fn, { requestTimeoutMs: objectsTimeoutMs })
  const publish = connectBroker(fn, publishing)
  const periods = createBatchPeriods({
    database,
    outbox: connectOutbox(fn, database, publish),
    consumer: spec.name,
    createStepCommand: (step, traceparent) =>
      createEvent(
        batchPeriodStepV1,
        {
          id: createUuidV7(),
          subject: `${step.task}/${step.period}`,
          time: new Date(),
          traceparent: continueTrace(traceparent),
        },
        step,
      ),
  })
  const planDeps = { look: periods.look, plan: periods.plan, createId: createUuidV7, log }
  const stepDeps = {
    takeStep: periods.takeStep,
    writeObject: objects.write,
    nowMs: () => performance.now(),
    stepMsMax: config.STEP_MS_MAX,
    pageRowsMax: config.PAGE_ROWS_MAX,
    log,
    metrics,
  }
  return createHandler({
    ...eventAppParts(fn, database),
    planRange: (event, task, range) => planRange(planDeps, event, task, range),
    planMissing: (event, task) => planMissing(planDeps, event, task),
    takeStep: (event, step) => takeStep(stepDeps, event, step),
    resume: (event) => resumeSteps({ resume: periods.resume, log, metrics }, event),
  })
})
