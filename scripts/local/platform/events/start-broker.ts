import type { Deployment } from '../../../manifests/read/read-deployment.ts'
import type { RunningBroker } from '../../broker/broker.ts'
import { startMemoryBroker } from '../../broker/memory-broker.ts'
import { type RabbitBrokerOptions, startRabbitBroker } from '../../broker/rabbit-broker.ts'
import { createBrokerLog } from '../platform-log.ts'
import { brokerNamespaceOf, brokerTopologyOf } from './broker-topology.ts'

export type StartBrokerOptions = {
  deployment: Deployment
  urlOf: (serviceName: string) => string
  /** Port of the ingress of each broker, by its name; any free one when it has none. */
  ports: Record<string, number>
  /** RabbitMQ; the broker keeps everything in memory when omitted. */
  amqpUrl?: string | undefined
  strict: boolean
  uid?: string | undefined
  startRabbit?: ((options: RabbitBrokerOptions) => Promise<RunningBroker>) | undefined
  writeLog: (line: string) => void
  signal?: AbortSignal | undefined
}

/** Starts the brokers of a deployment with their triggers, in memory or over RabbitMQ. */
export async function startBroker(options: StartBrokerOptions): Promise<RunningBroker> {
  const { deployment, amqpUrl, uid, startRabbit = startRabbitBroker } = options
  const brokerOptions = {
    topology: brokerTopologyOf(deployment, options.urlOf),
    ports: options.ports,
    strict: options.strict,
    log: createBrokerLog(options.writeLog),
    ...(options.signal && { signal: options.signal }),
  }
  if (amqpUrl === undefined) return startMemoryBroker(brokerOptions)
  return startRabbit({ ...brokerOptions, amqpUrl, namespace: brokerNamespaceOf(deployment), ...(uid && { uid }) })
}
