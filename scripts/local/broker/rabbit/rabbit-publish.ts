import type { ConfirmChannel } from 'amqplib'
import type { BrokerMessage } from '../codec/amqp-codec.ts'
import type { PublishOutcome } from '../transport.ts'

export type PublishOptions = { confirmTimeoutMs: number; mandatory: boolean }

/** Publishes with the properties of the Knative ingress and waits for the confirm. Never rejects. */
export function publishConfirmed(
  channel: ConfirmChannel,
  exchange: string,
  { headers, contentType, messageId, body }: BrokerMessage,
  { confirmTimeoutMs, mandatory }: PublishOptions,
): Promise<PublishOutcome> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => resolve('timeout'), confirmTimeoutMs)
    const settle = (outcome: PublishOutcome) => {
      clearTimeout(timer)
      resolve(outcome)
    }
    try {
      const properties = { headers: typedHeaders(headers), contentType, messageId, persistent: true, mandatory }
      channel.publish(exchange, '', body, properties, (error) => {
        if (!error) settle('confirmed')
        // A channel that closes fails its open confirms with "channel closed"; a negative confirm says "nacked".
        else settle(/nacked/.test(String(error)) ? 'refused' : 'unavailable')
      })
    } catch {
      // The channel is closed.
      settle('unavailable')
    }
  })
}

/** Integers as 32-bit ones, as the ingress writes them; amqplib would choose the shortest type that fits. */
function typedHeaders(headers: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const typed: Record<string, unknown> = {}
  for (const [name, value] of Object.entries(headers)) {
    typed[name] = typeof value === 'number' ? { '!': 'int32', value } : value
  }
  return typed
}
