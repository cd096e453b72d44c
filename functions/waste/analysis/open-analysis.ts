import { createEventSignatures } from '../../_lib/events/event-signature.ts'
import { createDeadLetterRecorder } from '../../_lib/messaging/dead-letters.pg.ts'
import { createOutbox } from '../../_lib/messaging/outbox.pg.ts'
import { createPublisher } from '../../_lib/messaging/publish-event.ts'
import { createLogger } from '../../_lib/process/log.ts'
import { createMetrics } from '../../_lib/process/metrics.ts'
import { createResources } from '../../_lib/process/resources.ts'
import type { ConfigOf } from '../../_lib/process/variable.ts'
import type { broker, database, logVariables, redis } from '../../_lib/process/variables.ts'
import { openDatabase } from '../../_lib/stores/database.pg.ts'
import { openRedis, redisDatabase } from '../../_lib/stores/redis.redis.ts'
import type { AnalysisStep } from '../analysis-step.ts'
import { createSnapshots } from '../snapshot/snapshots.redis.ts'
import { type AnalysisCache, createAnalysisCache } from './cache/analysis-cache.redis.ts'
import { createLeases } from './lease/leases.pg.ts'
import { createReplySender } from './steps/send-reply.pg.ts'
import { createStepOutputs } from './steps/step-outputs.pg.ts'
import type { lease, workSecondsMax } from './variables.ts'

/** What a function that works on analyses reads from its environment at least. */
export type AnalysisConfig = ConfigOf<
  typeof logVariables &
    ReturnType<typeof broker> &
    ReturnType<typeof database> &
    ReturnType<typeof redis> &
    ReturnType<typeof lease> &
    ReturnType<typeof workSecondsMax>
>

export type AnalysisFunction = { name: string; variables: { DATABASE_URL: { connectionsMax: number } } }

/**
 * Opens what every function needs that works on analyses: that of the whole, or with `step` that of one step. What only some
 * need (photos, the model) is opened by them, so that the bundles of the others do not hold it.
 */
export function openAnalysis(spec: AnalysisFunction, config: AnalysisConfig, step?: AnalysisStep) {
  const resources = createResources()
  const log = createLogger({ service: spec.name, level: config.LOG_LEVEL, revision: config.K_REVISION })
  const signatures = createEventSignatures(config.EVENT_KEYS)
  const connectionsMax = config.DATABASE_CONNECTIONS_MAX ?? spec.variables.DATABASE_URL.connectionsMax
  const database = resources.add(openDatabase({ url: config.DATABASE_URL, connectionsMax, log }))
  const redisOf = (name: keyof typeof redisDatabase) =>
    resources.add(openRedis({ url: config.REDIS_URL, database: redisDatabase[name], log }))
  const publish = createPublisher({ brokerUrl: config.BROKER_URL, sign: signatures.sign })
  const outbox = createOutbox({ database, publish, log })
  const leaseSeconds = config.LEASE_SECONDS

  return {
    resources,
    database,
    openCache: (model: string): AnalysisCache => createAnalysisCache({ redis: redisOf('analysisCache'), log, model }),
    /** What each run under a lease needs. */
    runDeps: {
      leases: createLeases({ database, outbox, consumer: spec.name, leaseSeconds, ...(step && { step }) }),
      leaseSeconds,
      workSecondsMax: config.WORK_SECONDS_MAX,
      publishSnapshot: createSnapshots(redisOf('progress'), log).publish,
      flush: outbox.flush,
      log,
      now: () => new Date(),
    },
    /** What a step needs besides. */
    stepDeps: { outputs: createStepOutputs(database, spec.name), sendReply: createReplySender(database, outbox) },
    /** What the handler needs besides the operation. */
    eventApp: {
      log,
      metrics: createMetrics(spec.name),
      signatures,
      recordDeadLetter: createDeadLetterRecorder(database),
    },
  }
}
