import { createOperatorCheck } from '../../_lib/access/access-check.ts'
import type { Environment } from '../../_lib/process/config.ts'
import { createLogger } from '../../_lib/process/log.ts'
import { createMetrics } from '../../_lib/process/metrics.ts'
import { createResources } from '../../_lib/process/resources.ts'
import { type FunctionInstance, serve } from '../../_lib/process/serve.ts'
import { readConfig } from '../../_lib/process/variable.ts'
import { openDatabase } from '../../_lib/stores/database.pg.ts'
import { createDiscarder, createLetterReader, createLettersFinder, createReplays } from './dead-letters.pg.ts'
import spec from './function.ts'
import { createHandler } from './handler.ts'
import { createRunReader, createRunsFinder } from './runs/runs.pg.ts'

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
  const app = createHandler({
    log,
    metrics: createMetrics(spec.name),
    verifyOperatorToken: createOperatorCheck({
      publicKeys: config.OPERATOR_PUBLIC_KEYS,
      scope: 'dead-letters',
      database,
      log,
    }),
    operatorNetworks: config.OPERATOR_NETWORKS,
    trustedProxies: config.TRUSTED_PROXIES,
    inspectDeps: { findLetters: createLettersFinder(database), readLetter: createLetterReader(database) },
    replayDeps: { inReplay: createReplays(database), log },
    runsDeps: { findRuns: createRunsFinder(database), readRun: createRunReader(database) },
    discard: createDiscarder(database),
  })
  return { app, close: resources.close }
}

if (import.meta.main) await serve(start)
