import { createAccessCheck } from '../../_lib/access/access-check.ts'
import { createPseudonym } from '../../_lib/access/pseudonym.ts'
import { createEventSignatures } from '../../_lib/events/event-signature.ts'
import { createUuidV7 } from '../../_lib/http/uuid.ts'
import { createOutbox } from '../../_lib/messaging/outbox.pg.ts'
import { createPublisher } from '../../_lib/messaging/publish-event.ts'
import type { Environment } from '../../_lib/process/config.ts'
import { createLogger } from '../../_lib/process/log.ts'
import { createMetrics } from '../../_lib/process/metrics.ts'
import { createResources } from '../../_lib/process/resources.ts'
import { type FunctionInstance, serve } from '../../_lib/process/serve.ts'
import { readConfig } from '../../_lib/process/variable.ts'
import { openDatabase } from '../../_lib/stores/database.pg.ts'
import { deleteAccount } from './delete-account.ts'
import spec from './function.ts'
import { createHandler } from './handler.ts'
import { createDeletionOrderer, createFreshnessCheck } from './order-deletion.pg.ts'

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
  const outbox = createOutbox({
    database,
    publish: createPublisher({ brokerUrl: config.BROKER_URL, sign: signatures.sign }),
    log,
  })

  const deps = {
    isFreshlyAuthenticated: createFreshnessCheck(database),
    orderDeletion: createDeletionOrderer({
      database,
      outbox,
      nameOnReceipt: createPseudonym(config.PSEUDONYM_KEY, 'deletion-receipt'),
      createId: createUuidV7,
      now: () => new Date(),
    }),
    flush: outbox.flush,
  }
  const app = createHandler({
    log,
    metrics: createMetrics(spec.name),
    webOrigins: config.WEB_ORIGINS,
    verifyAccessToken: createAccessCheck({ publicKeys: config.AUTH_PUBLIC_KEYS, database, log }),
    deleteAccount: (input) => deleteAccount(deps, input),
  })
  return { app, close: resources.close }
}

if (import.meta.main) await serve(start)
