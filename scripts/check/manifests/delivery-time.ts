import { dispatcherPrefetch } from '../../../functions/_contracts/queues.ts'
import rabbitmq from '../../config/rabbitmq.json' with { type: 'json' }

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

/** RabbitMQ closes the channel of a consumer that holds a message for longer. Its own default is 1800 s. */
export const consumerTimeoutSeconds = rabbitmq.consumer_timeout / 1000

/** An image of 80 MB at 5 MB/s is pulled after 16 s and its function ready a few seconds later; below this a cold start is a dead letter. */
export const fromZeroSecondsMin = 30

/** Deliveries at once with which the last of the prefetched events is acknowledged in time. */
export function parallelismMin(times: DeliveryTimes): number {
  return Math.ceil((dispatcherPrefetch * longestDeliverySeconds(times)) / consumerTimeoutSeconds)
}
