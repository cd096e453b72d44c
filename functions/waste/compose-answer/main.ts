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
import { createResultSaver } from '../analysis/answer/save-result.pg.ts'
import { openImagePreparer } from '../analysis/image/open-image-preparer.ts'
import { createLeases } from '../analysis/lease/leases.pg.ts'
import { createPhotoReader } from '../analysis/photo/read-photo.ts'
import { createPhotoRecorder } from '../analysis/photo/record-photo.pg.ts'
import { createPhotoRemover } from '../analysis/photo/remove-photo.ts'
import { createStepOutputs } from '../analysis/steps/step-outputs.pg.ts'
import { createSnapshots } from '../snapshot/snapshots.redis.ts'
import { composeAnswer } from './compose-answer.ts'
import spec from './function.ts'
import { createHandler } from './handler.ts'
import { sanitizeUpload } from './sanitize-upload.ts'

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
  const objects = resources.add(openObjectStore(objectStoreOptions(config)))
  const usePhoto = createPhotoReader(objects)
  const { prepareImage } = resources.add(openImagePreparer())
  const outbox = createOutbox({
    database,
    publish: createPublisher({ brokerUrl: config.BROKER_URL, sign: signatures.sign }),
    log,
  })

  const deps: Parameters<typeof composeAnswer>[0] = {
    leases: createLeases({
      database,
      outbox,
      consumer: spec.name,
      leaseSeconds: config.LEASE_SECONDS,
      step: 'compose_answer',
    }),
    leaseSeconds: config.LEASE_SECONDS,
    workSecondsMax: config.WORK_SECONDS_MAX,
    outputs: createStepOutputs(database, spec.name),
    findNearbyBins: createNearbyBinsFinder(database),
    saveResult: createResultSaver(database, spec.name),
    sanitizeUpload: (job, upload) =>
      sanitizeUpload({ usePhoto, prepareImage, objects, recordPhoto: createPhotoRecorder(database) }, job, upload),
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
    composeAnswer: (input) => composeAnswer(deps, input),
  })
  return { app, close: resources.close }
}

if (import.meta.main) await serve(start)
