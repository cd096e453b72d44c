import { createHash } from 'node:crypto'

export type NameOptions = {
  namespace: string
  /** Replaces the UID that Kubernetes gives a broker or trigger. Fixed, so that a restart finds its queues. */
  uid: string
}

/** Names of exchanges and queues as the RabbitMQ broker derives them. */
export function createNames({ namespace, uid }: NameOptions) {
  return {
    brokerExchange: (broker: string) => childName(`b.${namespace}.${broker}.`, uid),
    brokerDeadLetterExchange: (broker: string) => childName(`b.${namespace}.${broker}.dlx.`, uid),
    brokerDeadLetterQueue: (broker: string) => childName(`b.${namespace}.${broker}.dlq.`, uid),
    triggerQueue: (trigger: string) => `${namespace}.${trigger}.${uid}`,
    triggerDeadLetterExchange: (trigger: string) => childName(`t.${namespace}.${trigger}.dlx.`, uid),
    triggerDeadLetterQueue: (trigger: string) => childName(`t.${namespace}.${trigger}.dlq.`, uid),
  }
}

export type Names = ReturnType<typeof createNames>

const lengthMax = 63
const headLength = 31

/** A name of at most 63 characters: the parent and the suffix, or the head of the parent and a hash of both. */
export function childName(parent: string, suffix: string): string {
  if (parent.length + suffix.length <= lengthMax) return parent + suffix
  if (suffix.length < headLength) {
    return parent.slice(0, headLength - suffix.length) + md5(parent) + suffix
  }
  const hashed = parent.slice(0, headLength) + md5(parent + suffix)
  return hashed + suffix.slice(0, lengthMax - hashed.length)
}

function md5(text: string): string {
  return createHash('md5').update(text).digest('hex')
}
