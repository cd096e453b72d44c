import type { OutsidePutOffError } from './outside-call.ts'

const failedSecondsMax = 1_800
const spreadSecondsMin = 2
const spreadShare = 0.25

/**
 * Whole seconds after which an event is sent again whose call was put off: twice as long after each failure, no earlier than the
 * service has asked for, and spread, so that those who wait do not come back at once.
 */
export function putOffSeconds(
  { reason, delaySeconds }: OutsidePutOffError,
  attempts: number,
  random: () => number,
): number {
  const least =
    reason === 'failed' ? Math.min(failedSecondsMax, delaySeconds * 2 ** Math.min(attempts, 20)) : delaySeconds
  return Math.ceil(least + random() * Math.max(spreadSecondsMin, least * spreadShare))
}
