import type { JSONWebKeySet } from 'jose'
import type { Logger } from '../process/log.ts'
import type { Metrics } from '../process/metrics.ts'
import type { Database } from '../stores/database.pg.ts'
import { createAccessCheck } from './access-check.ts'
import type { VerifyAccessToken } from './access-token.ts'

type WithAccessTokens = {
  config: { AUTH_PUBLIC_KEYS: JSONWebKeySet; WEB_ORIGINS?: readonly string[] | undefined }
  log: Logger
  metrics: Metrics
}

type ApiAppParts = {
  log: Logger
  metrics: Metrics
  webOrigins: readonly string[]
  verifyAccessToken: VerifyAccessToken
}

/** What `createApiApp` needs of a function with routes for signed-in people. Revocations are read from `database`. */
export const apiAppParts = ({ config, log, metrics }: WithAccessTokens, database: Database): ApiAppParts => ({
  log,
  metrics,
  webOrigins: config.WEB_ORIGINS ?? [],
  verifyAccessToken: createAccessCheck({ publicKeys: config.AUTH_PUBLIC_KEYS, database, log }),
})
