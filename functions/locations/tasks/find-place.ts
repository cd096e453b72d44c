import { deferSeconds } from '../../_lib/outbound/deferral.ts'
import { OutboundDeferredError } from '../../_lib/outbound/outbound-call.ts'
import type { Logger } from '../../_lib/process/log.ts'
import type { FoundPlace, Question } from '../geocoding.ts'
import { type AskMap, MapKeyRefusedError } from './kakao-local.ts'

export type OpenGeocoding = {
  geocodingId: string
  question: Question
  attempts: number
  /** Whoever asked has long gone on without. */
  isTooOld: boolean
}

export type FailureReason = 'unavailable' | 'own_key_refused'

export type FindPlaceDeps = {
  /** Undefined when it has ended, or was deleted with the person who asked. */
  findGeocoding: (geocodingId: string) => Promise<OpenGeocoding | undefined>
  /** What the map service said to the same question lately. */
  findKnown: (question: Question) => Promise<{ found: FoundPlace | undefined } | undefined>
  askMap: AskMap
  /** Keeps the answer, for this question and for the same of others. */
  saveAnswer: (geocoding: OpenGeocoding, found: FoundPlace | undefined) => Promise<void>
  fail: (geocodingId: string, reason: FailureReason) => Promise<void>
  /** Has the event sent again after the delay, in one transaction with what is noted of it. */
  putOff: (geocodingId: string, delaySeconds: number, failed: boolean) => Promise<void>
  log: Logger
  random: () => number
}

export type FindPlaceOutcome = 'found' | 'not_found' | 'not_needed' | 'put_off' | FailureReason

const workMsMax = 12_000

/** Answers one question by what is known, or by asking the map service. Safe to repeat. */
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
    await deps.putOff(geocodingId, deferSeconds(error, geocoding.attempts, deps.random), error.reason === 'failed')
    return 'put_off'
  }
}
