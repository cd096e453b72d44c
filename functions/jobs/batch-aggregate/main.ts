import { batchPeriodStepV1 } from '../../_contracts/batch-period-step.v1.ts'
import { createEvent } from '../../_lib/events/event-contract.ts'
import { createEventSignatures } from '../../_lib/events/event-signature.ts'
import { continueTrace } from '../../_lib/events/trace.ts'
import { createUuidV7 } from '../../_lib/http/uuid.ts'
import { createDeadLetterRecorder } from '../../_lib/messaging/dead-letters.pg.ts'
import { createOutbox } from '../../_lib/messaging/outbox.pg.ts'
import { createPublisher } from '../../_lib/messaging/publish-event.ts'
import type { Environment } from '../../_lib/process/config.ts'
import { createLogger } from '../../_lib/process/log.ts'
import { createMetrics } from '../../_lib/process/metrics.ts'
import { createResources } from '../../_lib/process/resources.ts'
import { type FunctionInstance, serve } from '../../_lib/process/serve.ts'
import { readConfig } from '../../_lib/process/variable.ts'
import { objectStoreOptions } from '../../_lib/process/variables.ts'
import { openDatabase } from '../../_lib/stores/database.pg.ts'
import { openObjectStore } from '../../_lib/stores/object-store.s3.ts'
import { createBatchPeriods } from '../../events/tasks/batch-periods.pg.ts'
import spec from './function.ts'
import { createHandler } from './handler.ts'
import { orderMissing, orderRange } from './order-periods.ts'
import { resumeSteps } from './resume-steps.ts'
import { takeStep } from './take-step.ts'

// Together with a step less than the deadline of a delivery; what they cut off is tried again, or left to the relay.
const statementTimeoutMs = 2_000
const objectsTimeoutMs = 2_000
const publishing = { timeoutMs: 500, triesMax: 1 }

export async function start(environment: Environment): Promise<FunctionInstance> {
  const config = readConfig(spec.variables, environment)
  const resources = createResources()
  const log = createLogger({ service: spec.name, level: config.LOG_LEVEL, revision: config.K_REVISION })
  const signatures = createEventSignatures(config.EVENT_KEYS)
  const metrics = createMetrics(spec.name)
  const database = resources.add(
    openDatabase({
      url: config.DATABASE_URL,
      connectionsMax: spec.variables.DATABASE_URL.connectionsMax,
      statementTimeoutMs,
      log,
    }),
  )
  const objects = resources.add(openObjectStore({ ...objectStoreOptions(config), requestTimeoutMs: objectsTimeoutMs }))
  const publish = createPublisher({ brokerUrl: config.BROKER_URL, sign: signatures.sign, ...publishing })
  const createId = () => createUuidV7()
  const periods = createBatchPeriods({
    database,
    outbox: createOutbox({ database, publish, log }),
    consumer: spec.name,
    orderStep: (step, traceparent) =>
      createEvent(
        batchPeriodStepV1,
        {
          id: createId(),
          source: '/growbin/jobs-batch-aggregate',
          subject: `${step.task}/${step.period}`,
          time: new Date(),
          traceparent: continueTrace(traceparent),
        },
        step,
      ),
  })
  const orderDeps = { look: periods.look, plan: periods.plan, createId, log }
  const stepDeps = {
    takeStep: periods.takeStep,
    writeObject: objects.write,
    nowMs: () => performance.now(),
    stepMsMax: config.STEP_MS_MAX,
    pageRowsMax: config.PAGE_ROWS_MAX,
    log,
    metrics,
  }
  const app = createHandler({
    log,
    metrics,
    signatures,
    recordDeadLetter: createDeadLetterRecorder(database),
    orderRange: (event, task, range) => orderRange(orderDeps, event, task, range),
    orderMissing: (event, task) => orderMissing(orderDeps, event, task),
    takeStep: (event, step) => takeStep(stepDeps, event, step),
    resume: (event) => resumeSteps({ resume: periods.resume, log, metrics }, event),
  })
  return { app, close: resources.close }
}

if (import.meta.main) await serve(start)
