import type { Resource } from '../resource.ts'
import type { Destination } from './destination.ts'
import {
  type DeployedBroker,
  type DeployedPingSource,
  type DeployedTrigger,
  readBroker,
  readPingSource,
  readTrigger,
} from './read-eventing.ts'
import { describeResource } from './read-resource.ts'
import { type DeployedService, readService } from './read-service.ts'

/** What runs, read from resources: functions, and how events reach them. */
export type Deployment = {
  services: DeployedService[]
  brokers: DeployedBroker[]
  triggers: DeployedTrigger[]
  pingSources: DeployedPingSource[]
}

/** They describe or bound what runs, and start nothing: the catalogue, the queues of the cluster's RabbitMQ, and namespaces. */
const startNothing = new Set(['Namespace', 'EventType', 'OperatorPolicy', 'RabbitmqBrokerConfig'])

/**
 * Reads resources, such as those of an overlay. Throws for a kind or a field that it does not know, and for a reference that
 * leads nowhere, each by name.
 */
export function readDeployment(resources: readonly Resource[]): Deployment {
  const deployment: Deployment = { services: [], brokers: [], triggers: [], pingSources: [] }
  for (const resource of resources) {
    if (resource.kind === 'Service') deployment.services.push(readService(resource))
    else if (resource.kind === 'Broker') deployment.brokers.push(readBroker(resource))
    else if (resource.kind === 'Trigger') deployment.triggers.push(readTrigger(resource))
    else if (resource.kind === 'PingSource') deployment.pingSources.push(readPingSource(resource))
    else if (!startNothing.has(resource.kind)) throw new Error(`${describeResource(resource)} is of an unknown kind`)
  }
  const problems = findDanglingReferences(deployment)
  if (problems.length > 0)
    throw new Error(`The manifests lead nowhere in ${problems.length} place(s): ${problems.join('; ')}`)
  return deployment
}

function findDanglingReferences({ services, brokers, triggers, pingSources }: Deployment): string[] {
  const isThere = (destination: Destination) =>
    'broker' in destination
      ? brokers.some(({ name, namespace }) => name === destination.broker && namespace === destination.namespace)
      : services.some(({ name, namespace }) => name === destination.service && namespace === destination.namespace)
  const check = (who: string, what: string, destination: Destination | undefined): string[] => {
    if (!destination || isThere(destination)) return []
    const found = 'broker' in destination ? `broker "${destination.broker}"` : `service "${destination.service}"`
    return [`${who}: its ${what} is the ${found} in namespace "${destination.namespace}", which is not there`]
  }
  return [
    ...brokers.flatMap(({ name, delivery }) => check(`broker "${name}"`, 'dead letter sink', delivery?.deadLetterSink)),
    ...triggers.flatMap(({ name, namespace, broker, subscriber, delivery }) => [
      ...check(`trigger "${name}"`, 'broker', { broker, namespace }),
      ...check(`trigger "${name}"`, 'subscriber', subscriber),
      ...check(`trigger "${name}"`, 'dead letter sink', delivery?.deadLetterSink),
    ]),
    ...pingSources.flatMap(({ name, sink }) => check(`cron source "${name}"`, 'sink', sink)),
  ]
}
