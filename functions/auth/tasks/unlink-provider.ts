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
  /** The same person has logged in again: the link is in use, and no longer the one that was to end. */
  isLinkedAgain: boolean
  /** Tried for as long as is reasonable. */
  isTooOld: boolean
}

export type UnlinkEnd = 'no_token' | 'token_refused' | 'not_linked' | 'too_old'

export type UnlinkProviderDeps = {
  /** Undefined when it is done or was given up. */
  findUnlink: (unlinkId: string) => Promise<OpenUnlink | undefined>
  findApi: (provider: Provider) => ProviderApi | undefined
  /** Removes every trace of it. */
  removeUnlink: (unlinkId: string) => Promise<void>
  /** Keeps that and why it was given up, and not whose it was. */
  giveUp: (unlinkId: string, reason: UnlinkEnd) => Promise<void>
  /** Has the event sent again after the delay, in one transaction with what is noted of it. */
  putOff: (unlinkId: string, delaySeconds: number, failed: boolean) => Promise<void>
  log: Logger
  random: () => number
}

export type UnlinkOutcome = 'unlinked' | 'not_needed' | 'linked_again' | 'put_off' | UnlinkEnd

const workMsMax = 12_000
/** Somebody here has to mend it first. */
const ownFaultDelaySeconds = 3_600

/** Has the provider of an account that is gone forget that we were linked. Safe to repeat. */
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
  const waitForUs = async (): Promise<UnlinkOutcome> => {
    await deps.putOff(unlinkId, ownFaultDelaySeconds, true)
    return 'put_off'
  }
  const api = deps.findApi(provider)
  if (!api) {
    deps.log.error('A link cannot be ended, since its login provider is not configured', { provider })
    return waitForUs()
  }
  try {
    const answer = await api.unlink(unlink.person, AbortSignal.timeout(workMsMax))
    return answer === 'unlinked' ? await remove(answer) : await giveUp(answer.refused)
  } catch (error) {
    if (error instanceof OwnKeyRefusedError) {
      deps.log.error('A login provider refuses our own key', { error, provider })
      return waitForUs()
    }
    if (!(error instanceof OutboundDeferredError)) throw error
    await deps.putOff(unlinkId, deferSeconds(error, unlink.attempts, deps.random), error.reason === 'failed')
    return 'put_off'
  }
}
