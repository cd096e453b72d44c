import { deferSeconds } from '../../_lib/outbound/deferral.ts'
import { OutboundDeferredError } from '../../_lib/outbound/outbound-call.ts'
import type { Logger } from '../../_lib/process/log.ts'
import type { Provider } from '../provider.ts'
import { OwnKeyRefusedError, type ProviderApi, type ProviderPerson } from './providers/provider-api.ts'

export type OpenUnlink = {
  unlinkId: string
  provider: Provider
  person: ProviderPerson
  attempts: number
  /** The person has logged in again since: the link is in use by a new account. */
  isLinkedAgain: boolean
  /** Requested more than a week ago. */
  isTooOld: boolean
}

export type UnlinkEnd = 'no_token' | 'token_refused' | 'not_linked' | 'too_old'

export type UnlinkProviderDeps = {
  /** Undefined when it is done or given up. */
  findUnlink: (unlinkId: string) => Promise<OpenUnlink | undefined>
  findApi: (provider: Provider) => ProviderApi | undefined
  /** Deletes the row. */
  removeUnlink: (unlinkId: string) => Promise<void>
  /** Records the reason, and deletes subject and tokens. */
  giveUp: (unlinkId: string, reason: UnlinkEnd) => Promise<void>
  /** Records the try and has the command published again after the delay, in one transaction. */
  defer: (unlinkId: string, delaySeconds: number, failed: boolean) => Promise<void>
  log: Logger
  random: () => number
}

export type UnlinkOutcome = 'unlinked' | 'not_needed' | 'linked_again' | 'deferred' | UnlinkEnd

const workMsMax = 12_000
/** An operator has to correct the configuration first. */
const misconfiguredDelaySeconds = 3_600

/** Ends the link of a deleted account at its provider. Idempotent. */
export async function unlinkProvider(deps: UnlinkProviderDeps, unlinkId: string): Promise<UnlinkOutcome> {
  const unlink = await deps.findUnlink(unlinkId)
  if (!unlink) return 'not_needed'
  const { provider } = unlink
  const remove = async (outcome: 'unlinked' | 'linked_again'): Promise<UnlinkOutcome> => {
    await deps.removeUnlink(unlinkId)
    return outcome
  }
  const giveUp = async (reason: UnlinkEnd): Promise<UnlinkOutcome> => {
    await deps.giveUp(unlinkId, reason)
    deps.log.warn('A link to a login provider could not be ended', { unlink_id: unlinkId, provider, reason })
    return reason
  }
  if (unlink.isLinkedAgain) return remove('linked_again')
  if (unlink.isTooOld) return giveUp('too_old')
  const deferForOperator = async (): Promise<UnlinkOutcome> => {
    await deps.defer(unlinkId, misconfiguredDelaySeconds, true)
    return 'deferred'
  }
  const api = deps.findApi(provider)
  if (!api) {
    deps.log.error('A link cannot be ended, since its login provider is not configured', { provider })
    return deferForOperator()
  }
  try {
    const answer = await api.unlink(unlink.person, AbortSignal.timeout(workMsMax))
    return answer === 'unlinked' ? await remove(answer) : await giveUp(answer.refused)
  } catch (error) {
    if (error instanceof OwnKeyRefusedError) {
      deps.log.error('A login provider refuses our own key', { error, provider })
      return deferForOperator()
    }
    if (!(error instanceof OutboundDeferredError)) throw error
    await deps.defer(unlinkId, deferSeconds(error, unlink.attempts, deps.random), error.reason === 'failed')
    return 'deferred'
  }
}
