import { revocationViews } from '../../_contracts/auth-views.v1.ts'
import { apiAppParts } from '../../_lib/access/api-app-parts.ts'
import { createPseudonym } from '../../_lib/access/pseudonym.ts'
import { createUuidV7 } from '../../_lib/http/uuid.ts'
import { connectOutbox } from '../../_lib/messaging/connect-outbox.pg.ts'
import { composeFunction } from '../../_lib/process/compose-function.ts'
import { connectDatabase } from '../../_lib/stores/connect-database.pg.ts'
import { deleteAccount } from './delete-account.ts'
import spec from './function.ts'
import { createHandler } from './handler.ts'
import { createDeletionRequester, createRecentLoginCheck } from './request-deletion.pg.ts'

export const start = composeFunction(import.meta, spec, (fn) => {
  const database = connectDatabase(fn)
  const outbox = connectOutbox(fn, database)

  const deps = {
    isRecentlyAuthenticated: createRecentLoginCheck(database),
    requestDeletion: createDeletionRequester({
      database,
      outbox,
      nameOnReceipt: createPseudonym(fn.config.PSEUDONYM_KEY, 'deletion-receipt'),
      createId: createUuidV7,
      now: () => new Date(),
    }),
    flush: outbox.flush,
  }
  return createHandler({
    ...apiAppParts(fn, database, revocationViews),
    deleteAccount: (input) => deleteAccount(deps, input),
  })
})
