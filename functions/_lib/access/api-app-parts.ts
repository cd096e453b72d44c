import type { JSONWebKeySet } from 'jose'
import type { Logger } from '../process/log.ts'
import type { Metrics } from '../process/metrics.ts'
import type { Database } from '../stores/database.pg.ts'
import { createAccessCheck } from './access-check.ts'
import type { VerifyAccessToken } from './access-token.ts'
import { createRevocationReader, type RevocationViews } from './revocations.pg.ts'

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

/**
 * The options of `createApiApp` for a function with routes for signed-in people. Revocations are read from the `views` of `database`.
 *
 * @example
 * createApiApp({ ...apiAppParts(fn, connectDatabase(fn), revocationViews), routes: spec.trigger.routes })
 */
export const apiAppParts = (
  { config, log, metrics }: WithAccessTokens,
  database: Database,
  views: RevocationViews,
): ApiAppParts => ({
  log,
  metrics,
  webOrigins: config.WEB_ORIGINS ?? [],
  verifyAccessToken: createAccessCheck({
    publicKeys: config.AUTH_PUBLIC_KEYS,
    readRevocations: createRevocationReader({ database, views, log }),
  }),
})
