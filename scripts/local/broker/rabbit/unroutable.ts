import type { BrokerMessage } from '../codec/amqp-codec.ts'
import type { Plan } from '../topology/plan.ts'
import type { Violations } from '../violations.ts'

/** Records an accepted event that matched no trigger. */
export function reportUnroutable(plan: Plan, violations: Violations) {
  const brokers = new Map(plan.ingresses.map(({ broker, exchange }) => [exchange, broker]))
  return (exchange: string, { headers, messageId }: Pick<BrokerMessage, 'headers' | 'messageId'>): void =>
    violations.record({
      kind: 'unroutable',
      broker: brokers.get(exchange) ?? exchange,
      eventId: messageId,
      eventType: String(headers.type ?? ''),
    })
}
