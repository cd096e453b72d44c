import { revocationViews } from '../../_contracts/auth-views.v1.ts'
import { createOperatorCheck } from '../../_lib/access/access-check.ts'
import { createRevocationReader } from '../../_lib/access/revocations.pg.ts'
import { composeFunction } from '../../_lib/process/compose-function.ts'
import { connectDatabase } from '../../_lib/stores/connect-database.pg.ts'
import { createDeadLetterFinder, createDeadLetterReader, createDiscarder, createReplays } from './dead-letters.pg.ts'
import spec from './function.ts'
import { createHandler } from './handler.ts'
import { createRunReader, createRunsFinder } from './runs/runs.pg.ts'

export const start = composeFunction(import.meta, spec, (fn) => {
  const { config, log, metrics } = fn
  const database = connectDatabase(fn)
  return createHandler({
    log,
    metrics,
    verifyOperatorToken: createOperatorCheck({
      publicKeys: config.OPERATOR_PUBLIC_KEYS,
      scope: 'dead-letters',
      readRevocations: createRevocationReader({ database, views: revocationViews, log }),
    }),
    operatorNetworks: config.OPERATOR_NETWORKS,
    trustedProxies: config.TRUSTED_PROXIES,
    inspectDeps: {
      findDeadLetters: createDeadLetterFinder(database),
      readDeadLetter: createDeadLetterReader(database),
    },
    replayDeps: { inReplay: createReplays(database), log },
    runsDeps: { findRuns: createRunsFinder(database), readRun: createRunReader(database) },
    discard: createDiscarder(database),
  })
})
