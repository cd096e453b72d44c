import { domainOf, type FunctionSpec, messagingNamespace } from '../../../functions/_lib/process/function-spec.ts'
import { gatewayNamespace } from '../render/gateway.ts'
import type { Resource } from '../resource.ts'
import { type Destination, destinationNames, reachers } from './destinations.ts'
import {
  dataNamespace,
  functionsOf,
  nodeCredentials,
  nodeNetwork,
  outside,
  type Peer,
  peers,
  ports,
  serviceLabel,
} from './peers.ts'
import {
  egress,
  fromAnywhere,
  ingress,
  namespaceDefaults,
  type PolicySpec,
  policy,
  selectorOf,
  toAddresses,
} from './policy.ts'

/** The network policies of every namespace, by namespace. */
export function renderPolicies(specs: readonly FunctionSpec[]): Map<string, Resource[]> {
  const domains = [...new Set(specs.map(domainOf))].sort()
  return new Map([
    ...domains.map((domain): [string, Resource[]] => [domain, renderDomain(domain, specs)]),
    [messagingNamespace, renderMessaging(specs)],
    [dataNamespace, renderData(specs)],
    [gatewayNamespace, [renderGatewayPolicy()]],
  ])
}

function renderDomain(domain: string, specs: readonly FunctionSpec[]): Resource[] {
  const reach = destinationNames.flatMap((destination) => {
    const names = reachers(specs, destination).get(domain)
    const spec = { podSelector: selectorOf({ [serviceLabel]: names ?? [] }), egress: egressTo[destination] }
    return names ? [policy(`reach-${destination}`, domain, spec)] : []
  })
  const accept = policy('accept-requests', domain, {
    podSelector: { matchExpressions: [{ key: serviceLabel, operator: 'Exists' }] },
    ingress: [
      ...ingress([peers.gateway, peers.activator, peers.autoscaler], ports.functionRequests),
      ...ingress([peers.autoscaler, peers.monitoring], ports.functionMetrics),
    ],
  })
  return [...namespaceDefaults(domain), accept, ...reach]
}

const egressTo: Record<Destination, PolicySpec['egress']> = {
  postgresql: [egress([{ namespace: dataNamespace }], ports.postgresql)],
  redis: [egress([{ namespace: dataNamespace }], ports.redis)],
  broker: [egress([peers.brokerIngress], ports.brokerIngress)],
  'object-store': [toAddresses(outside, ports.https), toAddresses(nodeCredentials, ports.nodeCredentials)],
  outside: [toAddresses(outside, ports.https)],
}

function renderMessaging(specs: readonly FunctionSpec[]): Resource[] {
  const namespace = messagingNamespace
  const publishers = peersOf(specs, 'broker')
  const intoIngress = (to: Peer, from: readonly Peer[]): PolicySpec => ({
    podSelector: selectorOf(to.labels),
    ingress: [...ingress(from, ports.brokerIngress), ...ingress([peers.monitoring], ports.brokerMetrics)],
    egress: [egress([peers.rabbitmq], ports.amqp)],
  })
  return [
    ...namespaceDefaults(namespace),
    policy(
      'broker-ingress',
      namespace,
      intoIngress(peers.brokerIngress, [...publishers, peers.dispatchers, peers.cronSources]),
    ),
    policy('dead-letter-ingress', namespace, intoIngress(peers.deadLetterIngress, [peers.dispatchers])),
    policy('dispatchers', namespace, {
      podSelector: selectorOf(peers.dispatchers.labels),
      ingress: [...ingress([peers.monitoring], ports.brokerMetrics)],
      egress: [
        egress([peers.rabbitmq], ports.amqp),
        egress([peers.brokerIngress, peers.deadLetterIngress], ports.brokerIngress),
        egress([peers.gateway], ports.gatewayInternal),
      ],
    }),
    policy('rabbitmq', namespace, {
      podSelector: selectorOf(peers.rabbitmq.labels),
      ingress: [
        ...ingress([peers.brokerIngress, peers.deadLetterIngress, peers.dispatchers], ports.amqp),
        ...ingress([peers.rabbitmqOperators], ports.rabbitmqManagement),
        ...ingress([peers.monitoring], ports.rabbitmqMetrics),
        ...ingress([peers.rabbitmq]),
      ],
      egress: [egress([peers.rabbitmq]), toAddresses(nodeNetwork, ports.apiServer)],
    }),
  ]
}

function renderData(specs: readonly FunctionSpec[]): Resource[] {
  const own = { namespace: dataNamespace }
  return [
    ...namespaceDefaults(dataNamespace),
    policy('accept-clients', dataNamespace, {
      podSelector: {},
      ingress: [
        ...ingress(peersOf(specs, 'postgresql'), ports.postgresql),
        ...ingress(peersOf(specs, 'redis'), ports.redis),
        ...ingress([peers.postgresqlOperator], [ports.postgresql, ports.postgresqlStatus]),
        ...ingress([peers.monitoring], ports.databaseMetrics),
      ],
    }),
    // Replicas, backups and the migration, which runs here.
    policy('within', dataNamespace, { podSelector: {}, ingress: [...ingress([own])], egress: [egress([own])] }),
    policy('reach-backups', dataNamespace, { podSelector: {}, egress: egressTo['object-store'] }),
    policy('reach-api-server', dataNamespace, {
      podSelector: {},
      egress: [toAddresses(nodeNetwork, ports.apiServer)],
    }),
  ]
}

/** The gateway alone, not its whole namespace: it is a release with parts that we do not know. */
function renderGatewayPolicy(): Resource {
  return policy('gateway-listeners', gatewayNamespace, {
    podSelector: selectorOf(peers.gateway.labels),
    ingress: [
      // The load balancer comes through a NodePort, so from the address of any node.
      fromAnywhere(ports.gatewayExternal),
      ...ingress([peers.dispatchers, peers.cronSources], ports.gatewayInternal),
      ...ingress([peers.gatewayController], [...ports.gatewayProbes, ports.gatewayInternal]),
    ],
  })
}

const peersOf = (specs: readonly FunctionSpec[], destination: Destination): Peer[] =>
  [...reachers(specs, destination)].map(([domain, names]) => functionsOf(domain, names))
