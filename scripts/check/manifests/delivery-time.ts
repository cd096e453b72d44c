import { dispatcherPrefetch } from '../../../functions/_contracts/queues.ts'

/** Seconds of an ISO 8601 duration of days and smaller; undefined when it is none. */
export function durationSeconds(duration: string): number | undefined {
  const parts = /^P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d+)?)S)?)?$/.exec(duration)
  if (!parts || duration === 'P' || duration.endsWith('T')) return undefined
  const [days, hours, minutes, rest] = parts.slice(1).map((part) => Number(part ?? 0))
  return (days ?? 0) * 86_400 + (hours ?? 0) * 3600 + (minutes ?? 0) * 60 + (rest ?? 0)
}

export type DeliveryTimes = {
  retries: number
  backoffPolicy: 'exponential' | 'linear'
  backoffSeconds: number
  timeoutSeconds: number
}

/** The longest that the dispatcher holds one event: it retries in process, before it acknowledges. */
export function longestDeliverySeconds({
  retries,
  backoffPolicy,
  backoffSeconds,
  timeoutSeconds,
}: DeliveryTimes): number {
  let waits = 0
  for (let retry = 1; retry <= retries; retry += 1) {
    waits += backoffSeconds * (backoffPolicy === 'linear' ? retry : 2 ** retry)
  }
  return (retries + 1) * timeoutSeconds + waits
}

/** RabbitMQ's default: it closes the channel of a consumer that holds a message for longer. */
const consumerTimeoutSeconds = 1800

/** Deliveries at once with which the last of the prefetched events is acknowledged in time. */
export function parallelismMin(times: DeliveryTimes): number {
  return Math.ceil((dispatcherPrefetch * longestDeliverySeconds(times)) / consumerTimeoutSeconds)
}
