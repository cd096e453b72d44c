import { deferSeconds } from '../../_lib/outbound/deferral.ts'
import { OutboundDeferredError } from '../../_lib/outbound/outbound-call.ts'
import type { Logger } from '../../_lib/process/log.ts'
import type { FoundPlace, Question } from '../geocoding.ts'
import { type AskMap, MapKeyRefusedError } from './kakao-local.ts'

export type OpenGeocoding = {
  geocodingId: string
  question: Question
  attempts: number
  /** Requested more than a day ago: the answer is not needed any more. */
  isTooOld: boolean
}

export type FailureReason = 'unavailable' | 'own_key_refused'

export type FindPlaceDeps = {
  /** Undefined when it has ended, or was deleted together with its person. */
  findGeocoding: (geocodingId: string) => Promise<OpenGeocoding | undefined>
  /** The known answer to the same question, at most 30 days old. */
  findKnown: (question: Question) => Promise<{ found: FoundPlace | undefined } | undefined>
  askMap: AskMap
  /** Stores the answer in the geocoding, and as the known answer to its question. */
  saveAnswer: (geocoding: OpenGeocoding, found: FoundPlace | undefined) => Promise<void>
  fail: (geocodingId: string, reason: FailureReason) => Promise<void>
  /** Records the try and has the command published again after the delay, in one transaction. */
  defer: (geocodingId: string, delaySeconds: number, failed: boolean) => Promise<void>
  log: Logger
  random: () => number
}

export type FindPlaceOutcome = 'found' | 'not_found' | 'not_needed' | 'deferred' | FailureReason

const workMsMax = 12_000

/** Answers one question by a known answer, or by a call of the map service. Idempotent. */
export async function findPlace(deps: FindPlaceDeps, geocodingId: string): Promise<FindPlaceOutcome> {
  const geocoding = await deps.findGeocoding(geocodingId)
  if (!geocoding) return 'not_needed'
  const { question } = geocoding
  const fail = async (reason: FailureReason): Promise<FindPlaceOutcome> => {
    await deps.fail(geocodingId, reason)
    return reason
  }
  if (geocoding.isTooOld) return fail('unavailable')
  try {
    const known = await deps.findKnown(question)
    const found = known ? known.found : await deps.askMap(question, AbortSignal.timeout(workMsMax))
    await deps.saveAnswer(geocoding, found)
    return found ? 'found' : 'not_found'
  } catch (error) {
    if (error instanceof MapKeyRefusedError) {
      deps.log.error('The map service refuses our own key', { error })
      return fail('own_key_refused')
    }
    if (!(error instanceof OutboundDeferredError)) throw error
    await deps.defer(geocodingId, deferSeconds(error, geocoding.attempts, deps.random), error.reason === 'failed')
    return 'deferred'
  }
}
