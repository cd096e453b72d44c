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
import { createNearbyBinsFinder } from '../analysis/answer/nearby-bins.pg.ts'
import { createRuleReader } from '../analysis/answer/rules.pg.ts'
import { createResultSaver } from '../analysis/answer/save-result.pg.ts'
import { createAnalysisCache } from '../analysis/cache/analysis-cache.redis.ts'
import { openImagePreparer } from '../analysis/image/open-image-preparer.ts'
import type { AnalysisRun } from '../analysis/lease/analysis-run.ts'
import { createLeases } from '../analysis/lease/leases.pg.ts'
import { callsMax, identifyWaste } from '../analysis/model/identify-waste.ts'
import { createModelCalls } from '../analysis/model/model-calls.pg.ts'
import { createVision } from '../analysis/model/vision.openai.ts'
import { createPhotoReader } from '../analysis/photo/read-photo.ts'
import { createPhotoRecorder } from '../analysis/photo/record-photo.pg.ts'
import { sanitizePhoto } from '../analysis/photo/sanitize-photo.ts'
import { createSnapshots } from '../snapshot/snapshots.redis.ts'
import { aiAnalyze } from './ai-analyze.ts'
import { answerJob } from './answer-job.ts'
import spec from './function.ts'
import { createHandler } from './handler.ts'

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
  const usePhoto = createPhotoReader(objects)
  const { prepareImage } = resources.add(openImagePreparer())
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
  const answerDeps = {
    usePhoto,
    cache: createAnalysisCache({ redis: cacheRedis, log, model: config.OPENAI_MODEL }),
    prepareImage,
    identifyWaste: (run: AnalysisRun, jpeg: Uint8Array) => identifyWaste(identifyDeps, run, jpeg),
    readRules: createRuleReader(database),
    findNearbyBins: createNearbyBinsFinder(database),
    saveResult: createResultSaver(database, spec.name),
  }
  const analyzeDeps: Parameters<typeof aiAnalyze>[0] = {
    leases: createLeases({ database, outbox, consumer: spec.name, leaseSeconds: config.LEASE_SECONDS }),
    leaseSeconds: config.LEASE_SECONDS,
    workSecondsMax: config.WORK_SECONDS_MAX,
    answerJob: (run) => answerJob(answerDeps, run),
    sanitizePhoto: (job, answered) =>
      sanitizePhoto({ usePhoto, prepareImage, objects, recordPhoto: createPhotoRecorder(database) }, job, answered),
    removePhoto: (job) => objects.remove(job.objectKey),
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
    aiAnalyze: (input) => aiAnalyze(analyzeDeps, input),
  })
  return { app, close: resources.close }
}

if (import.meta.main) await serve(start)
