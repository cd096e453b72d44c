import { createAccessCheck } from '../../_lib/access/access-check.ts'
import { createUuidV7 } from '../../_lib/http/uuid.ts'
import { createRedisCounter } from '../../_lib/limits/rate-limit.redis.ts'
import type { Environment } from '../../_lib/process/config.ts'
import { createLogger } from '../../_lib/process/log.ts'
import { createMetrics } from '../../_lib/process/metrics.ts'
import { createResources } from '../../_lib/process/resources.ts'
import { type FunctionInstance, serve } from '../../_lib/process/serve.ts'
import { readConfig } from '../../_lib/process/variable.ts'
import { objectStoreOptions } from '../../_lib/process/variables.ts'
import { openDatabase } from '../../_lib/stores/database.pg.ts'
import { openRedis, redisDatabase } from '../../_lib/stores/redis.redis.ts'
import { createUploadSigner } from '../../_lib/stores/upload-signer.s3.ts'
import { createJobOpener } from '../job/statements/open-job.pg.ts'
import { createAdmission } from './admission.ts'
import { createBacklogReader } from './backlog.pg.ts'
import spec from './function.ts'
import { createHandler } from './handler.ts'
import { presign } from './presign.ts'

export async function start(environment: Environment): Promise<FunctionInstance> {
  const config = readConfig(spec.variables, environment)
  const resources = createResources()
  const log = createLogger({ service: spec.name, level: config.LOG_LEVEL, revision: config.K_REVISION })
  const database = resources.add(
    openDatabase({
      url: config.DATABASE_URL,
      connectionsMax: config.DATABASE_CONNECTIONS_MAX ?? spec.variables.DATABASE_URL.connectionsMax,
      log,
    }),
  )
  const redis = resources.add(openRedis({ url: config.REDIS_URL, database: redisDatabase.cache, log }))
  const signUpload = createUploadSigner(objectStoreOptions(config))
  const openJob = createJobOpener(database, {
    waitingMax: config.ANALYSES_WAITING_MAX,
    perDayMax: config.ANALYSES_PER_DAY_MAX,
  })
  const admit = createAdmission({
    readBacklog: createBacklogReader(database),
    limits: {
      waitingMax: config.ANALYSES_WAITING_MAX,
      waitSecondsMax: config.ANALYSIS_WAIT_SECONDS_MAX,
      perSecondExpected: config.ANALYSES_PER_SECOND_EXPECTED,
    },
    nowMs: Date.now,
    random: Math.random,
  })

  const app = createHandler({
    log,
    metrics: createMetrics(spec.name),
    webOrigins: config.WEB_ORIGINS,
    verifyAccessToken: createAccessCheck({ publicKeys: config.AUTH_PUBLIC_KEYS, database, log }),
    countUse: createRedisCounter(redis),
    requestsPerMinuteMax: config.REQUESTS_PER_MINUTE_MAX,
    publicBaseUrl: config.PUBLIC_BASE_URL,
    presign: (input) =>
      presign(
        {
          admit,
          openJob,
          signUpload,
          createId: createUuidV7,
          uploadExpiresSeconds: config.UPLOAD_EXPIRES_SECONDS,
          analysesPerDayMax: config.ANALYSES_PER_DAY_MAX,
          crowdedRetryAfterSeconds: 2,
        },
        input,
      ),
  })
  return { app, close: resources.close }
}

if (import.meta.main) await serve(start)
