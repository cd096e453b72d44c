import { createSealer } from '../../_lib/access/seal-text.ts'
import { currentContext } from '../../_lib/events/trace.ts'
import { createUuidV7 } from '../../_lib/http/uuid.ts'
import { eventAppParts } from '../../_lib/messaging/event-app-parts.ts'
import { recordHandled } from '../../_lib/messaging/inbox.pg.ts'
import { createCircuitBreaker } from '../../_lib/outbound/circuit-breaker.pg.ts'
import { createOutboundCall } from '../../_lib/outbound/outbound-call.ts'
import { composeFunction } from '../../_lib/process/compose-function.ts'
import { connectDatabase } from '../../_lib/stores/connect-database.pg.ts'
import { connectObjectSweeper } from '../../_lib/stores/s3/connect-object-sweeper.s3.ts'
import { createAccountCloser } from '../../auth/tasks/close-account.pg.ts'
import { createAccountForgetter } from '../../auth/tasks/forget-account.pg.ts'
import { createProfileSyncs } from '../../auth/tasks/profile-syncs.pg.ts'
import { createProviderUnlinks } from '../../auth/tasks/provider-unlinks.pg.ts'
import { createProviderApis } from '../../auth/tasks/providers/create-provider-apis.ts'
import { syncProfile } from '../../auth/tasks/sync-profile.ts'
import { unlinkProvider } from '../../auth/tasks/unlink-provider.ts'
import { createPersonDeleter as createQuestionDeleter } from '../../locations/tasks/delete-person.pg.ts'
import { findPlace } from '../../locations/tasks/find-place.ts'
import { createGeocodings } from '../../locations/tasks/geocodings.pg.ts'
import { createMap } from '../../locations/tasks/kakao-local.ts'
import { createDeletions } from '../../users/tasks/deletions.pg.ts'
import { createPersonDeleter } from '../../waste/tasks/delete-person.pg.ts'
import { deleteAccount } from './delete-account.ts'
import spec from './function.ts'
import { createHandler } from './handler.ts'

// Leaves time for a batch in progress, within the 15 seconds that the trigger allows for a delivery.
const deletionMsMax = 8_000

export const start = composeFunction(import.meta, spec, (fn) => {
  const { config, log, metrics } = fn
  const eventsDatabase = connectDatabase(fn)
  const authDatabase = connectDatabase(fn, { login: 'AUTH_DATABASE_URL' })
  const objects = connectObjectSweeper(fn)
  const deletions = createDeletions(connectDatabase(fn, { login: 'USERS_DATABASE_URL' }))
  const now = () => new Date()

  const callService = createOutboundCall({ breaker: createCircuitBreaker(eventsDatabase), log, metrics })
  const providerApis = createProviderApis(callService, config.PROVIDER_APIS)
  const linkDeps = { database: authDatabase, sealer: createSealer(config.PROVIDER_TOKEN_KEYS), log, now }
  const providerDeps = {
    findApi: (provider: keyof typeof providerApis) => providerApis[provider],
    log,
    random: Math.random,
  }
  const syncDeps = { ...providerDeps, ...createProfileSyncs(linkDeps) }
  const unlinkDeps = { ...providerDeps, ...createProviderUnlinks(linkDeps) }

  const locationsDatabase = connectDatabase(fn, { login: 'LOCATIONS_DATABASE_URL' })
  const findPlaceDeps = {
    ...createGeocodings({ database: locationsDatabase, now }),
    askMap: createMap(callService, { url: config.KAKAO_LOCAL_URL, restApiKey: config.KAKAO_REST_API_KEY }),
    log,
    random: Math.random,
  }

  const forgetAccount = createAccountForgetter({
    database: authDatabase,
    createId: createUuidV7,
    traceparent: () => currentContext()?.traceparent ?? '',
    now,
  })
  const deleteDeps = {
    findPerson: deletions.findPerson,
    steps: [
      { name: 'close the account', run: createAccountCloser(authDatabase) },
      {
        name: 'delete photos and results',
        run: createPersonDeleter({
          database: connectDatabase(fn, { login: 'WASTE_DATABASE_URL' }),
          sweep: objects.sweep,
        }),
      },
      { name: 'delete the questions to the map', run: createQuestionDeleter(locationsDatabase) },
      { name: 'delete the profile', run: deletions.deletePerson },
      { name: 'forget the account', run: forgetAccount },
    ],
    timeOut: () => AbortSignal.timeout(deletionMsMax),
    resumeSoon: deletions.resumeSoon,
    complete: deletions.complete,
    log,
  }
  return createHandler({
    ...eventAppParts(fn, eventsDatabase),
    deleteAccount: (deletionId) => deleteAccount(deleteDeps, deletionId),
    syncProfile: (syncId) => syncProfile(syncDeps, syncId),
    findPlace: (geocodingId) => findPlace(findPlaceDeps, geocodingId),
    unlinkProvider: (unlinkId) => unlinkProvider(unlinkDeps, unlinkId),
    noteHandled: (event) => eventsDatabase.run((db) => recordHandled(db, spec.name, event)),
  })
})
