import { isIP } from 'node:net'
import { findQueueConsumer, queueConsumers } from '../../_contracts/queue-consumers.ts'

/** The consumer that a dead letter belongs to, why it failed, and the consumer that the dispatcher named. */
export type Origin = { consumer: string; reason: string; reportedConsumer: string | undefined }

/** The reason when `q-dlq` could not deliver the dead letter either: its dispatcher overwrote the headers of the first failure. */
export const deadLetteredTwice = 'went_round'
const droppedByQueue = 'dropped_by_queue'
const unreachable = '-1'

/**
 * Finds the consumer that failed first. The attribute `queue` names it where `knativeerrordest` does not: after a second failure
 * that header names the dead-letter function, and it is missing when the queue dropped the message for its age or length.
 */
export function findOrigin(headers: Headers): Origin {
  const { consumer: named, host, isAddress } = readDestination(headers.get('ce-knativeerrordest'))
  const ofQueue = findQueueConsumer(headers.get('ce-queue'))
  // A failed address that equals our own host is this function, whatever its name in the cluster.
  const failedTwice = named === queueConsumers.dlq || (host !== undefined && host === headers.get('host'))
  return {
    consumer: (isAddress || failedTwice || named === undefined ? ofQueue : undefined) ?? named ?? 'unknown',
    reason: failedTwice ? deadLetteredTwice : reasonOf(headers.get('ce-knativeerrorcode'), ofQueue !== undefined),
    reportedConsumer: named,
  }
}

function reasonOf(code: string | null, hasQueue: boolean): string {
  if (code === null && hasQueue) return droppedByQueue
  if (code === unreachable) return 'unreachable'
  return code !== null && /^\d{3}$/.test(code) ? `answered_${code}` : 'answered_none'
}

/** Reads the function from an address `http://<function>.<domain>.svc…`, or the address itself when it names no function. */
function readDestination(destination: string | null): {
  consumer: string | undefined
  host: string | undefined
  isAddress: boolean
} {
  if (destination === null || !URL.canParse(destination))
    return { consumer: undefined, host: undefined, isAddress: false }
  const { hostname, host } = new URL(destination)
  const isAddress = isIP(hostname) !== 0 || hostname.startsWith('[')
  return { consumer: (isAddress ? host : hostname.split('.')[0]) || undefined, host, isAddress }
}
