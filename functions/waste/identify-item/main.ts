import { createPseudonym } from '../../_lib/access/pseudonym.ts'
import { createEventSignatures } from '../../_lib/events/event-signature.ts'
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
import { openRedis, redisDatabase } from '../../_lib/stores/redis.redis.ts'
import { createAnalysisCache } from '../analysis/cache/analysis-cache.redis.ts'
import { createLeases } from '../analysis/lease/leases.pg.ts'
import { callsMax, identifyWaste } from '../analysis/model/identify-waste.ts'
import { createModelCalls } from '../analysis/model/model-calls.pg.ts'
import { createVision } from '../analysis/model/vision.openai.ts'
import { createPhotoRemover } from '../analysis/photo/remove-photo.ts'
import { createReplySender } from '../analysis/steps/send-reply.pg.ts'
import { createStepOutputs } from '../analysis/steps/step-outputs.pg.ts'
import { imageBytesMax } from '../image-content-type.ts'
import { preparedKeyOf } from '../prepared-key.ts'
import { createSnapshots } from '../snapshot/snapshots.redis.ts'
import spec from './function.ts'
import { createHandler } from './handler.ts'
import { identifyItem } from './identify-item.ts'

export async function start(environment: Environment): Promise<FunctionInstance> {
  const config = readConfig(spec.variables, environment)
  const resources = createResources()
  const log = createLogger({ service: spec.name, level: config.LOG_LEVEL, revision: config.K_REVISION })
  const signatures = createEventSignatures(config.EVENT_KEYS)
  const database = resources.add(
    openDatabase({
      url: config.DATABASE_URL,
      connectionsMax: config.DATABASE_CONNECTIONS_MAX ?? spec.variables.DATABASE_URL.connectionsMax,
      log,
    }),
  )
  const progressRedis = resources.add(openRedis({ url: config.REDIS_URL, database: redisDatabase.progress, log }))
  const cacheRedis = resources.add(openRedis({ url: config.REDIS_URL, database: redisDatabase.analysisCache, log }))
  const objects = resources.add(openObjectStore(objectStoreOptions(config)))
  const outbox = createOutbox({
    database,
    publish: createPublisher({ brokerUrl: config.BROKER_URL, sign: signatures.sign }),
    log,
  })

  const identifyDeps = {
    modelCalls: createModelCalls(database, {
      callsPerMinuteMax: config.MODEL_CALLS_PER_MINUTE_MAX,
      callsPerDayMax: config.MODEL_CALLS_PER_DAY_MAX,
      callsPerJobMax: callsMax,
    }),
    lookAtPhoto: createVision({
      baseUrl: config.OPENAI_BASE_URL,
      apiKey: config.OPENAI_API_KEY,
      model: config.OPENAI_MODEL,
      timeoutMs: config.MODEL_TIMEOUT_MS,
    }),
    safetyIdentifierOf: createPseudonym(config.PSEUDONYM_KEY, 'model-safety-identifier'),
    random: Math.random,
  }

  const deps: Parameters<typeof identifyItem>[0] = {
    leases: createLeases({
      database,
      outbox,
      consumer: spec.name,
      leaseSeconds: config.LEASE_SECONDS,
      step: 'identify_item',
    }),
    leaseSeconds: config.LEASE_SECONDS,
    workSecondsMax: config.WORK_SECONDS_MAX,
    outputs: createStepOutputs(database, spec.name),
    sendReply: createReplySender(database, outbox),
    readPrepared: (job) => objects.read(preparedKeyOf(job.objectKey), imageBytesMax),
    cache: createAnalysisCache({ redis: cacheRedis, log, model: config.OPENAI_MODEL }),
    identifyWaste: (run, jpeg) => identifyWaste(identifyDeps, run, jpeg),
    removePhoto: createPhotoRemover(objects),
    publishSnapshot: createSnapshots(progressRedis, log).publish,
    flush: outbox.flush,
    log,
    now: () => new Date(),
  }
  const app = createHandler({
    log,
    metrics: createMetrics(spec.name),
    signatures,
    recordDeadLetter: createDeadLetterRecorder(database),
    identifyItem: (input) => identifyItem(deps, input),
  })
  return { app, close: resources.close }
}

if (import.meta.main) await serve(start)
