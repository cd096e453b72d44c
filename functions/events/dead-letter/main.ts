import { createEventSignatures } from '../../_lib/events/event-signature.ts'
import type { Environment } from '../../_lib/process/config.ts'
import { createLogger } from '../../_lib/process/log.ts'
import { createMetrics } from '../../_lib/process/metrics.ts'
import { createResources } from '../../_lib/process/resources.ts'
import { type FunctionInstance, serve } from '../../_lib/process/serve.ts'
import { readConfig } from '../../_lib/process/variable.ts'
import { openDatabase } from '../../_lib/stores/database.pg.ts'
import { createDeadLetterArchive } from './archive-dead-letter.pg.ts'
import { deadLetter } from './dead-letter.ts'
import spec from './function.ts'
import { createHandler } from './handler.ts'

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
  const deps = {
    archiveDeadLetter: createDeadLetterArchive(database),
    verify: createEventSignatures(config.EVENT_KEYS).verify,
  }
  const app = createHandler({
    log,
    metrics: createMetrics(spec.name),
    deadLetter: (input) => deadLetter(deps, input),
  })
  return { app, close: resources.close }
}

if (import.meta.main) await serve(start)
