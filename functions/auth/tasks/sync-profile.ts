import { deferSeconds } from '../../_lib/outbound/deferral.ts'
import { OutboundDeferredError } from '../../_lib/outbound/outbound-call.ts'
import type { Logger } from '../../_lib/process/log.ts'
import type { Provider } from '../provider.ts'
import {
  OwnKeyRefusedError,
  type ProviderApi,
  type ProviderPerson,
  type ReadProfile,
} from './providers/provider-api.ts'

export type OpenSync = {
  syncId: string
  provider: Provider
  person: ProviderPerson
  attempts: number
  /** Requested more than a day ago: left to the next login. */
  isTooOld: boolean
}

export type SyncEnd = 'no_token' | 'token_refused' | 'not_linked' | 'not_configured' | 'own_key_refused' | 'too_old'

export type SyncProfileDeps = {
  /** Undefined when it has ended, when a later login replaced it, or when the account is deleted. */
  findSync: (syncId: string) => Promise<OpenSync | undefined>
  findApi: (provider: Provider) => ProviderApi | undefined
  /** Resolves to false when the sync is not open any more; see `findSync`. */
  saveProfile: (syncId: string, profile: ReadProfile) => Promise<boolean>
  endSync: (syncId: string, reason: SyncEnd) => Promise<void>
  /** Records the try and has the command published again after the delay, in one transaction. */
  defer: (syncId: string, delaySeconds: number, failed: boolean) => Promise<void>
  log: Logger
  random: () => number
}

export type SyncOutcome = 'synced' | 'not_needed' | 'deferred' | SyncEnd

const workMsMax = 12_000

/** Reads the profile of a person at the provider after a login, and stores it in the account. Idempotent. */
export async function syncProfile(deps: SyncProfileDeps, syncId: string): Promise<SyncOutcome> {
  const sync = await deps.findSync(syncId)
  if (!sync) return 'not_needed'
  const end = async (reason: SyncEnd): Promise<SyncOutcome> => {
    await deps.endSync(syncId, reason)
    deps.log.info('A profile was not read', { provider: sync.provider, reason })
    return reason
  }
  if (sync.isTooOld) return end('too_old')
  const api = deps.findApi(sync.provider)
  if (!api) return end('not_configured')
  try {
    const profile = await api.readProfile(sync.person, AbortSignal.timeout(workMsMax))
    if ('refused' in profile) return await end(profile.refused)
    return (await deps.saveProfile(syncId, profile)) ? 'synced' : 'not_needed'
  } catch (error) {
    if (error instanceof OwnKeyRefusedError) {
      deps.log.error('A login provider refuses our own key', { error, provider: sync.provider })
      return end('own_key_refused')
    }
    if (!(error instanceof OutboundDeferredError)) throw error
    await deps.defer(syncId, deferSeconds(error, sync.attempts, deps.random), error.reason === 'failed')
    return 'deferred'
  }
}
