import { domainOf, type FunctionSpec } from '../../../functions/_lib/process/function-spec.ts'
import { formatMarkdownTable } from '../../lib/format-table.ts'
import { replaceTable } from '../catalogue/document-table.ts'
import { destinationsOf } from './destinations.ts'
import { isAllowed, type Party, type Pod } from './is-allowed.ts'
import { dataNamespace, type Peer, peers, ports, serviceLabel } from './peers.ts'
import type { NetworkPolicy } from './policy.ts'
import { renderPolicies } from './render-policies.ts'

export const matrixPath = 'knative/README.md'
const begin =
  '<!-- who may talk to whom: generated from functions/*/*/function.ts by "npm run manifests"; change the source, not this table -->'
const end = '<!-- end of who may talk to whom -->'

/** One party that connects, or is connected to at a port. */
export type Sender = { name: string; party: Party }
export type Receiver = { name: string; party: Party; port: number }

/** A pod that the peer selects. */
export function podOf({ namespace, labels = {} }: Peer): Pod {
  const entries = Object.entries(labels).map(([key, value]) => [key, [value].flat()[0] ?? ''] as const)
  return { namespace, labels: Object.fromEntries(entries) }
}

const functionPod = (spec: Pick<FunctionSpec, 'name'>): Pod => ({
  namespace: domainOf(spec),
  labels: { [serviceLabel]: spec.name },
})

/** Every party of the matrix that connects: all functions, then the parts around them. */
export const sendersOf = (specs: readonly FunctionSpec[]): Sender[] => [
  ...specs.map((spec) => ({ name: spec.name, party: functionPod(spec) })),
  { name: 'ingress of the broker', party: podOf(peers.brokerIngress) },
  { name: 'dispatchers', party: podOf(peers.dispatchers) },
  { name: 'RabbitMQ', party: podOf(peers.rabbitmq) },
  { name: 'PostgreSQL, Redis, migration', party: { namespace: dataNamespace, labels: {} } },
  { name: 'Kourier', party: podOf(peers.gateway) },
  { name: 'activator', party: podOf(peers.activator) },
  { name: 'autoscaler', party: podOf(peers.autoscaler) },
  { name: 'cron sources', party: podOf(peers.cronSources) },
  { name: 'a pod of another namespace', party: { namespace: 'default', labels: {} } },
]

/** Every party that is connected to, in the order of the columns. */
export const receiversOf = (specs: readonly FunctionSpec[]): Receiver[] => [
  ...specs
    .slice(0, 1)
    .map((spec) => ({ name: 'functions', party: functionPod(spec), port: ports.functionRequests[0] as number })),
  { name: 'PostgreSQL', party: { namespace: dataNamespace, labels: {} }, port: ports.postgresql },
  { name: 'Redis', party: { namespace: dataNamespace, labels: {} }, port: ports.redis },
  { name: 'broker', party: podOf(peers.brokerIngress), port: ports.brokerIngress },
  { name: 'dead letter broker', party: podOf(peers.deadLetterIngress), port: ports.brokerIngress },
  { name: 'RabbitMQ', party: podOf(peers.rabbitmq), port: ports.amqp },
  { name: 'Kourier, internal', party: podOf(peers.gateway), port: ports.gatewayInternal },
  { name: 'node credentials', party: { address: '169.254.169.254' }, port: ports.nodeCredentials },
  { name: 'HTTPS outside', party: { address: '203.0.113.1' }, port: ports.https },
]

/** The table of who may talk to whom, by the policies themselves. */
export function renderMatrix(specs: readonly FunctionSpec[]): string {
  const policies = [...renderPolicies(specs).values()].flat() as NetworkPolicy[]
  const receivers = receiversOf(specs)
  const servicesOf = new Map(
    specs.map((spec) => {
      const found = destinationsOf(spec)
      return [spec.name, [...(found.get('object-store') ?? []), ...(found.get('outside') ?? [])].join(', ')]
    }),
  )
  const rows = sendersOf(specs).map(({ name, party }) => [
    servicesOf.has(name) ? `\`${name}\`` : name,
    ...receivers.map((receiver) => (isAllowed(policies, party, receiver.party, receiver.port) ? 'yes' : '')),
    servicesOf.get(name) ?? '',
  ])
  return formatMarkdownTable(['From \\ to', ...receivers.map(({ name }) => name), 'Outside services meant'], rows)
}

/** The document with the table between its markers. */
export const withMatrix = (document: string, specs: readonly FunctionSpec[]): string =>
  replaceTable(document, begin, end, renderMatrix(specs))
