import { isIP } from 'node:net'
import { findQueueConsumer, queueConsumers } from '../../_contracts/queue-consumers.ts'

/** Whose a dead letter is and why, and whom the dispatcher named. */
export type Origin = { consumer: string; reason: string; reportedConsumer: string | undefined }

/** The dispatcher of the dead letters could not deliver either, and wrote itself over the first failure. */
export const wentRound = 'went_round'
const droppedByQueue = 'dropped_by_queue'
const unreachable = '-1'

/**
 * The consumer that failed first. The attribute `queue` tells it where `knativeerrordest` does not: a letter that went round
 * names the dead-letter function, and one that was too old for its queue, or one too many, names nobody.
 */
export function findOrigin(headers: Headers): Origin {
  const { consumer: named, host, isAddress } = readDestination(headers.get('ce-knativeerrordest'))
  const ofQueue = findQueueConsumer(headers.get('ce-queue'))
  // Whoever is asked under the address that failed is the one that failed, by whatever name.
  const isRound = named === queueConsumers.dlq || (host !== undefined && host === headers.get('host'))
  return {
    consumer: (isAddress || isRound || named === undefined ? ofQueue : undefined) ?? named ?? 'unknown',
    reason: isRound ? wentRound : reasonOf(headers.get('ce-knativeerrorcode'), ofQueue !== undefined),
    reportedConsumer: named,
  }
}

function reasonOf(code: string | null, hasQueue: boolean): string {
  if (code === null && hasQueue) return droppedByQueue
  if (code === unreachable) return 'unreachable'
  return code !== null && /^\d{3}$/.test(code) ? `answered_${code}` : 'answered_none'
}

/** The function in an address `http://<function>.<domain>.svc…`, or the address where it names none. */
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
