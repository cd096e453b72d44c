import { trustedProxies } from '../../../functions/_lib/limits/networks.ts'
import { messagingNamespace } from '../../../functions/_lib/process/function-spec.ts'
import { gatewayNamespace } from '../render/gateway.ts'
import { broker, deadLetterBroker } from '../render/trigger.ts'

/** Pods by their namespace, and by the labels that they have there. */
export type Peer = { namespace: string; labels?: Readonly<Record<string, string | readonly string[]>> }

/** Knative sets it on every pod of a Service. */
export const serviceLabel = 'serving.knative.dev/service'
const brokerRole = 'eventing.knative.dev/brokerRole'
const brokerLabel = 'eventing.knative.dev/broker'

export const dataNamespace = 'data'

/** The pods of functions of one domain. */
export const functionsOf = (domain: string, names: readonly string[]): Peer => ({
  namespace: domain,
  labels: { [serviceLabel]: names },
})

/** Pods that are not ours, by the labels of their releases. */
export const peers = {
  dns: { namespace: 'kube-system', labels: { 'k8s-app': 'kube-dns' } },
  gateway: { namespace: gatewayNamespace, labels: { app: '3scale-kourier-gateway' } },
  activator: { namespace: 'knative-serving', labels: { app: 'activator' } },
  autoscaler: { namespace: 'knative-serving', labels: { app: 'autoscaler' } },
  gatewayController: { namespace: 'knative-serving', labels: { app: 'net-kourier-controller' } },
  cronSources: { namespace: 'knative-eventing', labels: { 'eventing.knative.dev/source': 'ping-source-controller' } },
  brokerIngress: { namespace: messagingNamespace, labels: { [brokerRole]: 'ingress', [brokerLabel]: broker } },
  deadLetterIngress: {
    namespace: messagingNamespace,
    labels: { [brokerRole]: 'ingress', [brokerLabel]: deadLetterBroker },
  },
  dispatchers: { namespace: messagingNamespace, labels: { [brokerRole]: ['dispatcher', 'dispatcher-dlq'] } },
  rabbitmq: { namespace: messagingNamespace, labels: { 'app.kubernetes.io/component': 'rabbitmq' } },
  rabbitmqOperators: { namespace: 'rabbitmq-system' },
  postgresqlOperator: { namespace: 'cnpg-system' },
  monitoring: { namespace: 'monitoring' },
} as const satisfies Record<string, Peer>

export const ports = {
  dns: 53,
  postgresql: 5432,
  redis: 6379,
  /** Of queue-proxy: HTTP/1 and HTTP/2. The function's own port, 8080, is for queue-proxy alone. */
  functionRequests: [8012, 8013],
  /** Of queue-proxy: what the autoscaler reads, and what a monitoring system reads. */
  functionMetrics: [9090, 9091],
  brokerIngress: 8080,
  brokerMetrics: 9090,
  amqp: 5672,
  rabbitmqManagement: 15672,
  rabbitmqMetrics: 15692,
  postgresqlStatus: 8000,
  databaseMetrics: [9187, 9121],
  /** The listener of functions with routes, and the readiness of the gateway, both behind the load balancer. */
  gatewayExternal: [8080, 9000],
  /** The listener that knows every function. */
  gatewayInternal: 8081,
  gatewayProbes: [8090, 9000],
  https: 443,
  nodeCredentials: 80,
  apiServer: 6443,
} as const

/** Every address but private ones. A standard policy cannot name hosts: which service is meant stands in the matrix. */
export const outside = {
  cidr: '0.0.0.0/0',
  except: ['10.0.0.0/8', '100.64.0.0/10', '169.254.0.0/16', '172.16.0.0/12', '192.168.0.0/16'],
}

/** Where a node hands out the credentials of its role. */
export const nodeCredentials = { cidr: '169.254.169.254/32' }

/** The network of the nodes, with the API server. */
export const nodeNetwork = { cidr: trustedProxies.find((network) => network.startsWith('10.')) ?? '10.0.0.0/16' }
