import { revocationViews } from '../../_contracts/auth-views.v1.ts'
import { redisDatabase } from '../../_contracts/redis-databases.ts'
import { apiAppParts } from '../../_lib/access/api-app-parts.ts'
import { createUuidV7 } from '../../_lib/http/uuid.ts'
import { createRedisCounter } from '../../_lib/limits/rate-limit.redis.ts'
import { composeFunction } from '../../_lib/process/compose-function.ts'
import { connectDatabase } from '../../_lib/stores/connect-database.pg.ts'
import { connectRedis } from '../../_lib/stores/connect-redis.redis.ts'
import { createUploadSigner } from '../../_lib/stores/s3/upload-signer.s3.ts'
import { objectStoreOptions } from '../../_lib/variables/groups.ts'
import { createJobOpener } from '../job/statements/open-job.pg.ts'
import { createAdmission } from './admission.ts'
import { createBacklogReader } from './backlog.pg.ts'
import spec from './function.ts'
import { createHandler } from './handler.ts'
import { presign } from './presign.ts'

export const start = composeFunction(import.meta, spec, (fn) => {
  const { config } = fn
  const database = connectDatabase(fn)
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

  return createHandler({
    ...apiAppParts(fn, database, revocationViews),
    countUse: createRedisCounter(connectRedis(fn, redisDatabase.cache)),
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
})
