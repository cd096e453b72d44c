import { type Environment, parseConfig } from '../../_lib/config.ts'
import { openDatabase } from '../../_lib/database.pg.ts'
import { createEventSignatures } from '../../_lib/event-signature.ts'
import { createLogger } from '../../_lib/log.ts'
import { createMetrics } from '../../_lib/metrics.ts'
import { openRedis, redisDatabase } from '../../_lib/redis.redis.ts'
import { createResources } from '../../_lib/resources.ts'
import { type FunctionInstance, serve } from '../../_lib/serve.ts'
import { createUndeliverableJobEnder } from '../../waste/tasks/end-undeliverable-job.pg.ts'
import { createJobSnapshotPublisher } from '../../waste/tasks/publish-job-snapshot.ts'
import { createDeadLetterArchive } from './archive-dead-letter.pg.ts'
import { configSchema } from './config.ts'
import { deadLetter } from './dead-letter.ts'
import spec from './function.ts'
import { createHandler } from './handler.ts'

export async function start(environment: Environment): Promise<FunctionInstance> {
  const config = parseConfig(configSchema, environment)
  const resources = createResources()
  const log = createLogger({ service: spec.name, level: config.LOG_LEVEL, revision: config.K_REVISION })
  const database = resources.add(
    openDatabase({ url: config.DATABASE_URL, connectionsMax: config.DATABASE_CONNECTIONS_MAX, log }),
  )
  const wasteDatabase = resources.add(openDatabase({ url: config.WASTE_DATABASE_URL, connectionsMax: 2, log }))
  const redis = resources.add(openRedis({ url: config.REDIS_URL, database: redisDatabase.progress, log }))
  const deps = {
    archiveDeadLetter: createDeadLetterArchive(database),
    verify: createEventSignatures(config.EVENT_KEYS).verify,
    endJob: createUndeliverableJobEnder({ database: wasteDatabase, now: () => new Date() }),
    publishSnapshot: createJobSnapshotPublisher(redis, log),
    log,
  }
  const app = createHandler({
    log,
    metrics: createMetrics(spec.name),
    deadLetter: (input) => deadLetter(deps, input),
  })
  return { app, close: resources.close }
}

if (import.meta.main) await serve(start)
