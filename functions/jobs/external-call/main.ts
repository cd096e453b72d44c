import { type Environment, parseConfig } from '../../_lib/config.ts'
import { openDatabase } from '../../_lib/database.pg.ts'
import { createDeadLetterRecorder } from '../../_lib/dead-letters.pg.ts'
import { createLogger } from '../../_lib/log.ts'
import { createMetrics } from '../../_lib/metrics.ts'
import { openObjectSweeper } from '../../_lib/object-sweeper.s3.ts'
import { createResources } from '../../_lib/resources.ts'
import { type FunctionInstance, serve } from '../../_lib/serve.ts'
import { objectStoreOptions } from '../../_lib/variables.ts'
import { createAccountCloser } from '../../auth/tasks/close-account.pg.ts'
import { createAccountForgetter } from '../../auth/tasks/forget-account.pg.ts'
import { createDeletions } from '../../users/tasks/deletions.pg.ts'
import { createPersonDeleter } from '../../waste/tasks/delete-person.pg.ts'
import { configSchema } from './config.ts'
import { deleteAccount } from './delete-account.ts'
import spec from './function.ts'
import { createHandler } from './handler.ts'

export async function start(environment: Environment): Promise<FunctionInstance> {
  const config = parseConfig(configSchema, environment)
  const resources = createResources()
  const log = createLogger({ service: spec.name, level: config.LOG_LEVEL, revision: config.K_REVISION })
  const open = (url: string) => resources.add(openDatabase({ url, connectionsMax: 2, log }))
  const authDatabase = open(config.AUTH_DATABASE_URL)
  const objects = resources.add(openObjectSweeper(objectStoreOptions(config)))
  const deletions = createDeletions(open(config.USERS_DATABASE_URL))

  const deleteDeps = {
    findPerson: deletions.findPerson,
    steps: [
      { name: 'close the account', run: createAccountCloser(authDatabase) },
      {
        name: 'delete photos and results',
        run: createPersonDeleter({ database: open(config.WASTE_DATABASE_URL), sweep: objects.sweep }),
      },
      { name: 'delete the profile', run: deletions.deletePerson },
      { name: 'forget the account', run: createAccountForgetter(authDatabase) },
    ],
    complete: deletions.complete,
    log,
  }
  const app = createHandler({
    log,
    metrics: createMetrics(spec.name),
    consumer: spec.name,
    recordDeadLetter: createDeadLetterRecorder(open(config.DATABASE_URL)),
    deleteAccount: (deletionId) => deleteAccount(deleteDeps, deletionId),
  })
  return { app, close: resources.close }
}

if (import.meta.main) await serve(start)
