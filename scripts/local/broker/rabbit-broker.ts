import { type BrokerOptions, type RunningBroker, runBroker } from './broker.ts'
import type { QueueType } from './rabbit/rabbit-declare.ts'
import { openRabbitTransport } from './rabbit/rabbit-transport.ts'
import { reportUnroutable } from './rabbit/unroutable.ts'
import { createNames } from './topology/names.ts'
import { planTopology } from './topology/plan.ts'
import { type BrokerTopology, checkTopology } from './topology/topology.ts'
import { createConsoleLog, createViolations } from './violations.ts'

export type RabbitBrokerOptions = BrokerOptions & {
  /** `amqp://user:password@host:port/vhost`. */
  amqpUrl: string
  topology: BrokerTopology
  /** Kubernetes namespace in the names of exchanges and queues. */
  namespace: string
  /** Replaces the UID of the broker in those names. */
  uid?: string
  queueType?: QueueType
  /** How long to wait for a publisher confirm before the ingress answers 503. The Knative ingress has no limit. */
  confirmTimeoutMs?: number
  /** How long to wait for the first connection. */
  startTimeoutMs?: number
  /** Aborts the start. */
  signal?: AbortSignal
}

/**
 * Starts ingresses and dispatchers over RabbitMQ, with the topology and wire format of the Knative RabbitMQ broker.
 * Several may run over the same queues. Throws `TopologyError`, or an error when RabbitMQ cannot be reached in time.
 */
export async function startRabbitBroker(options: RabbitBrokerOptions): Promise<RunningBroker> {
  checkTopology(options.topology)
  const { amqpUrl, namespace, uid = 'local', strict = false, random = Math.random } = options
  const log = options.log ?? createConsoleLog()
  const violations = createViolations(strict, log)
  const plan = planTopology(options.topology, createNames({ namespace, uid }))
  const transport = await openRabbitTransport({
    ...{ amqpUrl, plan, random, log },
    queueType: options.queueType ?? 'quorum',
    confirmTimeoutMs: options.confirmTimeoutMs ?? 5_000,
    startTimeoutMs: options.startTimeoutMs ?? 30_000,
    ...(options.signal && { signal: options.signal }),
    onUnroutable: strict ? reportUnroutable(plan, violations) : undefined,
  })
  try {
    return await runBroker({ ...options, plan, transport, violations, log, refuseWhileDraining: false })
  } catch (error) {
    await transport.close()
    throw error
  }
}
