import { type BrokerOptions, type RunningBroker, runBroker } from './broker.ts'
import { createMemoryTransport } from './memory/memory-transport.ts'
import { reportUnroutable } from './rabbit/unroutable.ts'
import { createNames } from './topology/names.ts'
import { planTopology } from './topology/plan.ts'
import { type BrokerTopology, checkTopology } from './topology/topology.ts'
import { createConsoleLog, createViolations } from './violations.ts'

export type MemoryBrokerOptions = BrokerOptions & {
  topology: BrokerTopology
  /** Limit of the messages that wait in one queue; beyond it, the ingress answers 503. */
  queueLengthMax?: number
}

/**
 * Starts brokers in this process that route, retry and dead-letter as the Knative RabbitMQ broker does.
 * Throws `TopologyError`, or the error of a port that cannot be bound.
 */
export async function startMemoryBroker(options: MemoryBrokerOptions): Promise<RunningBroker> {
  checkTopology(options.topology)
  const log = options.log ?? createConsoleLog()
  const violations = createViolations(options.strict ?? false, log)
  const plan = planTopology(options.topology, createNames({ namespace: 'memory', uid: 'local' }))
  const onUnroutable = reportUnroutable(plan, violations)
  const transport = createMemoryTransport({ plan, queueLengthMax: options.queueLengthMax ?? 10_000, onUnroutable })
  return runBroker({ ...options, plan, transport, violations, log, refuseWhileDraining: true })
}
