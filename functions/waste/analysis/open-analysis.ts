import { redisDatabase } from '../../_contracts/redis-databases.ts'
import type { JsonCloudEvent } from '../../_lib/events/cloud-event.ts'
import { connectOutbox } from '../../_lib/messaging/connect-outbox.pg.ts'
import { eventAppParts } from '../../_lib/messaging/event-app-parts.ts'
import type { OpenFunction } from '../../_lib/process/compose-function.ts'
import { connectDatabase } from '../../_lib/stores/connect-database.pg.ts'
import { connectRedis } from '../../_lib/stores/connect-redis.redis.ts'
import type { logVariables } from '../../_lib/variables/groups.ts'
import type { ConfigOf } from '../../_lib/variables/variable.ts'
import type { AnalysisStep } from '../analysis-step.ts'
import { createSnapshots } from '../snapshot/snapshots.redis.ts'
import { type AnalysisCache, createAnalysisCache } from './cache/analysis-cache.redis.ts'
import { createLeases } from './lease/leases.pg.ts'
import { createStepOutputs } from './steps/step-outputs.pg.ts'
import type { analysis, workSecondsMax } from './variables.ts'

/** The variables that every function of an analysis reads. */
export type AnalysisConfig = ConfigOf<
  typeof logVariables & ReturnType<typeof analysis> & ReturnType<typeof workSecondsMax>
>

/** A function that works on analyses, which is being started. */
export type AnalysisFunction = Pick<OpenFunction, 'name' | 'log' | 'metrics' | 'closeLater'> & {
  config: AnalysisConfig
  variables: { DATABASE_URL: { connectionsMax: number } }
}

/**
 * Opens what every function needs that works on analyses: that of the whole, or with `step` that of one step. What only some
 * need (photos, the model) is opened by them, so that the bundles of the others do not hold it.
 */
export function openAnalysis(fn: AnalysisFunction, step?: AnalysisStep) {
  const { name, config, log } = fn
  const database = connectDatabase(fn)
  const outbox = connectOutbox(fn, database)
  const leaseSeconds = config.LEASE_SECONDS

  return {
    database,
    openCache: (model: string): AnalysisCache =>
      createAnalysisCache({ redis: connectRedis(fn, redisDatabase.analysisCache), log, model }),
    /** What each run under a lease needs. */
    runDeps: {
      leases: createLeases({ database, outbox, consumer: name, leaseSeconds, ...(step && { step }) }),
      leaseSeconds,
      workSecondsMax: config.WORK_SECONDS_MAX,
      publishSnapshot: createSnapshots(connectRedis(fn, redisDatabase.progress), log).publish,
      flush: outbox.flush,
      log,
      now: () => new Date(),
    },
    /** What a step needs besides. */
    stepDeps: {
      outputs: createStepOutputs(database, name),
      sendReply: async (reply: JsonCloudEvent): Promise<void> => {
        await database.transaction((tx) => outbox.append(tx, reply))
        await outbox.flush([reply])
      },
    },
    /** What the handler needs besides the operation. */
    eventApp: eventAppParts(fn, database),
  }
}
