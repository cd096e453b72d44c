import type { OutboundDeferredError } from './outbound-call.ts'

const failedSecondsMax = 1_800
const spreadSecondsMin = 2
const spreadShare = 0.25

/**
 * The whole seconds after which the event of a deferred call is published again: doubled for each of `attempts` failures up to half an
 * hour, at least the delay that the service has asked for, and up to a quarter longer as jitter (`random` returns 0 to 1).
 *
 * @example
 * if (error instanceof OutboundDeferredError) await sendAgainIn(deferSeconds(error, geocoding.attempts, Math.random))
 */
export function deferSeconds(
  { reason, delaySeconds }: OutboundDeferredError,
  attempts: number,
  random: () => number,
): number {
  const least =
    reason === 'failed' ? Math.min(failedSecondsMax, delaySeconds * 2 ** Math.min(attempts, 20)) : delaySeconds
  return Math.ceil(least + random() * Math.max(spreadSecondsMin, least * spreadShare))
}
