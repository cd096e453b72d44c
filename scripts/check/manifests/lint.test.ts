import { fileURLToPath } from 'node:url'
import { beforeAll, describe, expect, test } from 'vitest'
import { parseAllDocuments } from 'yaml'
import { imageEvent, tickEvent } from '../../manifests/example-events.ts'
import { cronSpec, deadLetterSpec, httpSpec, loaded, queueSpec, scheduledSpec } from '../../manifests/example-specs.ts'
import { renderManifests } from '../../manifests/render/render.ts'
import type { Resource } from '../../manifests/resource.ts'
import { lintManifests, ruleNames } from './lint.ts'
import { readDocuments } from './read-documents.ts'
import type { ManifestDocument } from './rule.ts'
import { loadSchemaCheck, type SchemaCheck } from './schema.ts'

// Deep paths into YAML are the subject here, so the tests read it untyped.
// biome-ignore lint/suspicious/noExplicitAny: see above
type Loose = any

const repository = fileURLToPath(new URL('../../..', import.meta.url))
let byHand: ManifestDocument[]

beforeAll(async () => {
  const generated = /^(knative\/(base|gateway|gateway-api|policies)|eventing\/base)\//
  byHand = (await readDocuments(repository)).filter(({ path }) => !generated.test(path))
})

/** The manifests of the example functions beside those written by hand, after one change. */
async function lintWith(change: (find: (kind: string, name: string) => Loose) => void): Promise<string[]> {
  const files = renderManifests(loaded(httpSpec, queueSpec, cronSpec, deadLetterSpec, scheduledSpec), [
    imageEvent,
    tickEvent,
  ])
  const rendered = [...files]
    .filter(([path]) => !path.endsWith('kustomization.yaml'))
    .flatMap(([path, text]) =>
      parseAllDocuments(text).map((document) => ({ path, resource: document.toJS() as Resource })),
    )
  const documents = [...structuredClone(byHand), ...rendered]
  change((kind, name) => {
    const found = documents.find(({ resource }) => resource.kind === kind && resource.metadata.name === name)
    if (!found) throw new Error(`no ${kind} "${name}"`)
    return found.resource
  })
  return lintManifests(documents, loadSchemasOnce)
}

// Compiling the schemas takes most of the time of a test, and depends on the features alone.
const compiled = new Map<string, Promise<SchemaCheck>>()
const loadSchemasOnce: typeof loadSchemaCheck = (folder, features) => {
  const found = compiled.get(JSON.stringify(features)) ?? loadSchemaCheck(folder, features)
  compiled.set(JSON.stringify(features), found)
  return found
}

type Find = (kind: string, name: string) => Loose
const http = (find: Find) => find('Service', 'waste-presign')
const pod = (find: Find) => http(find).spec.template.spec
const container = (find: Find) => pod(find).containers[0]
const scaling = (find: Find) => http(find).spec.template.metadata.annotations
const trigger = (find: Find) => find('Trigger', 'q-ai')
const delivery = (find: Find) => trigger(find).spec.delivery
const broker = (find: Find) => find('Broker', 'growbin').spec
const ping = (find: Find) => find('PingSource', 'events-relay-outbox').spec
const queuedPing = (find: Find) => find('PingSource', 'jobs-scheduled-cleanup-images').spec
const eventType = (find: Find) => find('EventType', 'ai-image-analyze.v1').spec
const key = (name: string) => `autoscaling.knative.dev/${name}`
const parallelism = 'rabbitmq.eventing.knative.dev/parallelism'

test('the manifests written by hand, with those of the examples, have no problem', async () => {
  expect(await lintWith(() => undefined)).toEqual([])
})

const refused: [rule: string, what: string, change: (find: Find) => void, message: string][] = [
  [
    'schema',
    'a field that does not exist',
    (f) => (pod(f).timeoutSecond = 5),
    '"/spec/template/spec/timeoutSecond" is no field',
  ],
  ['schema', 'a life-cycle hook', (f) => (container(f).lifecycle = {}), 'lifecycle" is no field'],
  ['schema', 'a termination grace period', (f) => (pod(f).terminationGracePeriodSeconds = 5), 'is no field'],
  ['schema', 'a string where a number belongs', (f) => (pod(f).timeoutSeconds = '60'), 'must be integer'],
  [
    'schema',
    'a field whose feature is off',
    (f) => (pod(f).affinity = {}),
    'needs the feature "kubernetes.podspec-affinity"',
  ],
  [
    'schema',
    'a node selector once its feature is off',
    (f) => (f('ConfigMap', 'config-features').data = {}),
    'podspec-nodeselector',
  ],
  [
    'schema',
    'an unknown field of a trigger',
    (f) => (trigger(f).spec.filer = {}),
    '"/spec/filer" is no field of Trigger',
  ],
  [
    'schema',
    'an unknown field of a delivery',
    (f) => (delivery(f).retries = 3),
    '"/spec/delivery/retries" is no field',
  ],
  [
    'schema',
    'a ConfigMap value that is no string',
    (f) => (f('ConfigMap', 'config-defaults').data.x = 1),
    'must be string',
  ],
  [
    'schema',
    'a kind without a definition',
    (f) => (f('Namespace', 'waste').kind = 'Nonsense'),
    'no schema for "v1" "Nonsense"',
  ],
  [
    'setting-patch',
    'labels in place of those of the release',
    (f) => (f('ConfigMap', 'config-network').metadata.labels = {}),
    'those of the release',
  ],
  [
    'setting-patch',
    'a sidecar of our own version',
    (f) => (f('ConfigMap', 'config-deployment').data['queue-sidecar-image'] = 'x'),
    'set by the release',
  ],
  ['service-name', 'a name that is no DNS label', (f) => (http(f).metadata.name = '1waste'), 'no DNS-1035 label'],
  [
    'service-name',
    'a revision of another name',
    (f) => (http(f).spec.template.metadata.name = 'other-1'),
    'does not begin with',
  ],
  [
    'cluster-local',
    'a function of a queue on the listener of the load balancer',
    (f) => delete f('Service', 'waste-ai-analyze').metadata.labels['networking.knative.dev/visibility'],
    'is public',
  ],
  [
    'cluster-local',
    'a route to a function that the load balancer cannot reach',
    (f) => (http(f).metadata.labels['networking.knative.dev/visibility'] = 'cluster-local'),
    'cannot reach it',
  ],
  [
    'internal-listener',
    "a way around to Kourier's internal listener",
    (f) => (f('Service', 'kourier-alb').spec.ports[0].targetPort = 8081),
    'internal listener 8081',
  ],
  [
    'external-domain',
    'a domain that Knative was not told of',
    (f) => delete f('ConfigMap', 'config-domain').data['growbin.internal'],
    'no domain of config-domain',
  ],
  [
    'policy-default-deny',
    'a namespace whose pods may connect to anything',
    (f) => (f('NetworkPolicy', 'default-deny').spec.policyTypes = ['Ingress']),
    'no policy "default-deny" for both directions',
  ],
  [
    'policy-open',
    'a policy that lets everything in',
    (f) => delete f('NetworkPolicy', 'accept-requests').spec.ingress[0].from,
    'lets connections in from anywhere',
  ],
  ['deadlines', 'a deadline beyond the cluster', (f) => (pod(f).timeoutSeconds = 601), 'config-defaults allows 600'],
  [
    'deadlines',
    'a deadline shorter than the drain',
    (f) => (pod(f).timeoutSeconds = 10),
    'killed before it hears SIGTERM',
  ],
  ['deadlines', 'no deadline for the first byte', (f) => delete pod(f).responseStartTimeoutSeconds, 'never unset'],
  [
    'container-concurrency',
    'more than 1000 at once',
    (f) => (pod(f).containerConcurrency = 1001),
    'expected 0 to 1000',
  ],
  ['service-account-token', 'a token in the pod', (f) => delete pod(f).automountServiceAccountToken, 'is not false'],
  ['volumes', 'a volume that nothing mounts', (f) => (container(f).volumeMounts = []), 'volume "tmp" is never mounted'],
  ['volumes', 'a mount without a volume', (f) => (pod(f).volumes = []), 'mount "tmp" has no volume'],
  ['volumes', 'a mount over the root', (f) => (container(f).volumeMounts[0].mountPath = '/'), '"/" is reserved'],
  [
    'volumes',
    'a writable secret',
    (f) => (pod(f).volumes[0] = { name: 'tmp', secret: { secretName: 'x' } }),
    'is writable',
  ],
  ['one-container', 'a second container', (f) => pod(f).containers.push(structuredClone(container(f))), 'exactly one'],
  ['container-name', 'the name of the sidecar', (f) => (container(f).name = 'queue-proxy'), 'name of the sidecar'],
  [
    'variables',
    'a variable that Knative sets',
    (f) => container(f).env.push({ name: 'K_SERVICE', value: 'x' }),
    'sets "K_SERVICE"',
  ],
  [
    'variables',
    'a variable twice',
    (f) => container(f).env.push({ name: 'LOG_LEVEL', value: 'x' }),
    '"LOG_LEVEL" is set twice',
  ],
  ['ports', 'two ports', (f) => container(f).ports.push({ containerPort: 8081 }), '2 ports'],
  ['ports', 'a port of the sidecar', (f) => (container(f).ports[0].containerPort = 8012), 'port 8012'],
  ['ports', 'a port name of our own', (f) => (container(f).ports[0].name = 'http'), 'the port name "http"'],
  ['probes', 'no readiness probe', (f) => delete container(f).readinessProbe, 'are required'],
  ['probes', 'a readiness period', (f) => (container(f).readinessProbe.periodSeconds = 1), 'a second coarser'],
  ['probes', 'a threshold without a period', (f) => (container(f).readinessProbe.failureThreshold = 3), 'are refused'],
  ['probes', 'a start-up probe', (f) => (container(f).startupProbe = { httpGet: { path: '/' } }), 'a startup probe'],
  ['resources', 'no requests', (f) => delete container(f).resources.requests, 'requests for cpu and memory'],
  ['resources', 'no memory limit', (f) => delete container(f).resources.limits, 'a memory limit is required'],
  ['resources', 'a CPU limit', (f) => (container(f).resources.limits.cpu = '1'), 'triples the time to start'],
  ['security-context', 'root', (f) => (container(f).securityContext.runAsNonRoot = false), 'runAsNonRoot'],
  [
    'security-context',
    'escalation',
    (f) => delete container(f).securityContext.allowPrivilegeEscalation,
    'allowPrivilege',
  ],
  [
    'security-context',
    'a writable root',
    (f) => delete container(f).securityContext.readOnlyRootFilesystem,
    'readOnlyRoot',
  ],
  ['security-context', 'capabilities', (f) => delete container(f).securityContext.capabilities, 'has no "ALL"'],
  [
    'security-context',
    'no seccomp profile',
    (f) => delete container(f).securityContext.seccompProfile,
    'RuntimeDefault',
  ],
  [
    'autoscaling-place',
    'scaling on the service',
    (f) => (http(f).metadata.annotations = { [key('min-scale')]: '1' }),
    'is on the service',
  ],
  ['autoscaling-value', 'an unknown annotation', (f) => (scaling(f)[key('minscale')] = '1'), 'is no annotation'],
  [
    'autoscaling-value',
    'a metric of another class',
    (f) => (scaling(f)[key('metric')] = 'cpu'),
    'expected concurrency or rps',
  ],
  ['autoscaling-value', 'a window below 6 s', (f) => (scaling(f)[key('window')] = '5s'), 'expected 6s to 1h'],
  [
    'autoscaling-value',
    'a delay without a unit',
    (f) => (scaling(f)[key('scale-down-delay')] = '5'),
    'expected 0s to 1h',
  ],
  ['autoscaling-value', 'a target of zero', (f) => (scaling(f)[key('target')] = '0'), 'at least 0.01'],
  [
    'autoscaling-value',
    'a burst capacity of -2',
    (f) => (scaling(f)[key('target-burst-capacity')] = '-2'),
    '-1 or more',
  ],
  [
    'autoscaling-bounds',
    'min over max',
    (f) => (scaling(f)[key('min-scale')] = '5'),
    'min-scale 5 is over max-scale 4',
  ],
  ['autoscaling-bounds', 'no max', (f) => delete scaling(f)[key('max-scale')], 'max-scale is unset'],
  ['autoscaling-bounds', 'a max over the cluster', (f) => (scaling(f)[key('max-scale')] = '21'), 'over the 20'],
  [
    'autoscaling-value',
    'a revision that is ready before it has started',
    (f) => (scaling(f)[key('initial-scale')] = '0'),
    'without ever having started',
  ],
  [
    'autoscaling-bounds',
    'a start at zero that is allowed',
    (f) => (f('ConfigMap', 'config-autoscaler').data['allow-zero-initial-scale'] = 'true'),
    'allows initial-scale 0',
  ],
  [
    'autoscaling-bounds',
    'a start at zero by default',
    (f) => (f('ConfigMap', 'config-autoscaler').data['initial-scale'] = '0'),
    'sets initial-scale 0',
  ],
  ['trigger-broker', 'a broker that is not there', (f) => (trigger(f).spec.broker = 'x'), 'there is no broker "x"'],
  ['trigger-subscriber', 'no subscriber', (f) => delete trigger(f).spec.subscriber, 'either a ref or a uri'],
  [
    'trigger-subscriber',
    'a function that is not there',
    (f) => (trigger(f).spec.subscriber.uri = 'http://x.waste.svc.cluster.local'),
    'no service "x"',
  ],
  [
    'trigger-subscriber',
    'an address outside',
    (f) => (trigger(f).spec.subscriber.uri = 'http://example.com'),
    'expected "http://<service>',
  ],
  [
    'trigger-subscriber',
    'a ref into another namespace',
    (f) =>
      (trigger(f).spec.subscriber = {
        ref: { apiVersion: 'serving.knative.dev/v1', kind: 'Service', name: 'waste-ai-analyze', namespace: 'waste' },
      }),
    'a ref stays in',
  ],
  [
    'trigger-filter',
    'the filters that RabbitMQ ignores',
    (f) => (trigger(f).spec.filters = [{ exact: { queue: 'ai' } }]),
    'is ignored',
  ],
  [
    'trigger-filter',
    'an attribute with a capital',
    (f) => (trigger(f).spec.filter.attributes = { Queue: 'ai' }),
    'the filter attribute "Queue"',
  ],
  ['trigger-filter', 'any value', (f) => (trigger(f).spec.filter.attributes = { queue: '' }), 'not a non-empty string'],
  [
    'trigger-filter',
    'a number',
    (f) => (trigger(f).spec.filter.attributes = { priority: 10 }),
    'not a non-empty string',
  ],
  [
    'trigger-filter',
    'the content type',
    (f) => (trigger(f).spec.filter.attributes = { datacontenttype: 'a/b' }),
    'never matches',
  ],
  [
    'trigger-filter-unique',
    'two triggers with one filter',
    (f) => {
      f('Trigger', 'q-dlq').spec = structuredClone(trigger(f).spec)
    },
    'both would get every event',
  ],
  ['trigger-delivery', 'no delivery', (f) => delete trigger(f).spec.delivery, 'one attempt'],
  ['trigger-delivery', 'no retry', (f) => delete delivery(f).retry, 'no retry'],
  [
    'trigger-delivery',
    'an unknown back-off',
    (f) => (delivery(f).backoffPolicy = 'random'),
    'backoffPolicy is "random"',
  ],
  ['trigger-delivery', 'a Go duration', (f) => (delivery(f).backoffDelay = '500ms'), 'backoffDelay is "500ms"'],
  ['trigger-delivery', 'no timeout', (f) => delete delivery(f).timeout, 'timeout is "undefined"'],
  [
    'trigger-from-zero',
    'a delivery that ends before a function has started',
    (f) => Object.assign(delivery(f), { retry: 2, backoffDelay: 'PT0.5S', timeout: 'PT5S' }),
    'dead-lettered after 18 s',
  ],
  ['trigger-dead-letter', 'no dead letter sink', (f) => delete delivery(f).deadLetterSink, 'is dropped'],
  [
    'trigger-dead-letter',
    'dead letters to the same broker',
    (f) => (delivery(f).deadLetterSink.ref.name = 'growbin'),
    'for ever',
  ],
  [
    'trigger-parallelism',
    'more than the prefetch',
    (f) => (trigger(f).metadata.annotations[parallelism] = '101'),
    '1 to 100',
  ],
  ['trigger-parallelism', 'no parallelism', (f) => delete trigger(f).metadata.annotations[parallelism], '1 to 100'],
  [
    'trigger-parallelism',
    'too few for the time of a delivery',
    (f) => (trigger(f).metadata.annotations[parallelism] = '4'),
    'parallelism 4 is under 5',
  ],
  [
    'broker-class',
    'another class',
    (f) => (f('Broker', 'growbin').metadata.annotations = {}),
    'expected "RabbitMQBroker"',
  ],
  ['broker-config', 'no namespace', (f) => delete broker(f).config.namespace, 'has no namespace'],
  ['broker-config', 'a config that is not there', (f) => (broker(f).config.name = 'x'), 'which is not there'],
  ['broker-delivery', 'no delivery', (f) => delete broker(f).delivery, 'ten exponential retries'],
  [
    'broker-cluster',
    'no cluster',
    (f) => (f('RabbitmqBrokerConfig', 'growbin').spec.rabbitmqClusterReference = {}),
    'either a name',
  ],
  [
    'broker-cluster',
    'classic queues',
    (f) => (f('RabbitmqBrokerConfig', 'growbin').spec.queueType = 'classic'),
    'expected "quorum"',
  ],
  [
    'operator-policy-keys',
    'a key of ordinary policies',
    (f) => (f('OperatorPolicy', 'q-ai').spec.definition.overflow = 'reject-publish'),
    '"overflow" is no key',
  ],
  [
    'operator-policy-keys',
    'a limit in quotes',
    (f) => (f('OperatorPolicy', 'q-ai').spec.definition['max-length'] = '5000'),
    'expected a whole number',
  ],
  [
    'operator-policy-overlap',
    'two policies on one queue',
    (f) => (f('OperatorPolicy', 'q-api').spec.pattern = '^messaging\\.q-a'),
    'matches the queue',
  ],
  ['ping-schedule', 'an interval', (f) => (ping(f).schedule = '@every 5s'), 'has not 5 or 6 fields'],
  ['ping-schedule', 'an impossible minute', (f) => (ping(f).schedule = '61 * * * *'), 'is refused'],
  ['ping-timezone', 'UTC', (f) => delete ping(f).timezone, 'every schedule is in "Asia/Seoul"'],
  ['ping-data', 'no data', (f) => delete ping(f).data, 'either data or dataBase64'],
  ['ping-data', 'a JSON array', (f) => (ping(f).data = '[]'), 'not a JSON object'],
  ['ping-extensions', 'a hyphen', (f) => (ping(f).ceOverrides.extensions = { 'my-task': 'x' }), '"my-task"'],
  ['ping-queue', 'no queue', (f) => delete queuedPing(f).ceOverrides.extensions.queue, 'takes the queue "undefined"'],
  [
    'ping-queue',
    'a queue that no trigger takes',
    (f) => (queuedPing(f).ceOverrides.extensions.queue = 'batch'),
    'takes the queue "batch"',
  ],
  [
    'ping-sink',
    'a function that is not there',
    (f) => (ping(f).sink.ref.name = 'x'),
    'which is not in namespace "events"',
  ],
  [
    'schema',
    'a field of another version of event types',
    (f) => (eventType(f).attributes = []),
    '"/spec/attributes" is no field',
  ],
  [
    'event-type-reference',
    'a broker that is not there',
    (f) => (eventType(f).reference.name = 'x'),
    'Broker "x" in namespace "messaging" leads nowhere',
  ],
  [
    'event-type-source',
    'braces, which are stored as %7B and %7D',
    (f) => (eventType(f).source = '/growbin/{function}'),
    'the source is "/growbin/{function}"',
  ],
  ['event-type-source', 'no source', (f) => delete eventType(f).source, 'the source is "undefined"'],
  [
    'event-type-queue',
    'a queue that no trigger takes',
    (f) => (f('EventType', 'ai-image-analyze.v1').metadata.labels['growbin.app/queue'] = 'batch'),
    'takes the queue "batch"',
  ],
  [
    'gateway-functions',
    'a route to a function that takes no requests',
    (f) => {
      f('Service', 'waste-presign').metadata.labels['growbin.app/trigger'] = 'queue'
    },
    '"waste-presign.waste.growbin.internal" is no function with routes',
  ],
  [
    'route-functions',
    'a route to a function that is not there',
    (f) => {
      f('HTTPRoute', 'waste-presign').spec.rules[0].filters[0].urlRewrite.hostname = 'gone.waste.growbin.internal'
    },
    '"gone.waste.growbin.internal" is no function with routes',
  ],
  [
    'operator-networks',
    'routes of operators that the whole internet may reach',
    (f) => container(f).env.push({ name: 'OPERATOR_NETWORKS', value: '["127.0.0.0/8","10.0.0.0/8"]' }),
    'lets other networks through than those of OPERATOR_NETWORKS',
  ],
  [
    'route-operator-networks',
    'a route of operators without a condition',
    (f) => container(f).env.push({ name: 'OPERATOR_NETWORKS', value: '["127.0.0.0/8","10.0.0.0/8"]' }),
    'no ListenerRuleConfiguration with the networks of OPERATOR_NETWORKS',
  ],
  [
    'gateway-limits',
    'more wildcards than the quota',
    (f) => (f('Ingress', 'api').spec.rules[0].http.paths[0].path = '/*/*/*/*/*/*'),
    '6 wildcards',
  ],
  [
    'gateway-limits',
    'more rules than the quota',
    (f) => {
      const rule = f('Ingress', 'api').spec.rules[0].http
      rule.paths = Array.from({ length: 101 }, () => rule.paths[0])
    },
    '101 rules',
  ],
  [
    'gateway-limits',
    'more conditions than the quota',
    (f) =>
      (f('Ingress', 'api').metadata.annotations['alb.ingress.kubernetes.io/conditions.waste-presign'] = JSON.stringify([
        { httpRequestMethodConfig: { values: ['GET', 'HEAD', 'PUT', 'POST'] } },
      ])),
    '6 condition values',
  ],
  [
    'gateway-annotations',
    'a backend without a rewrite',
    (f) => delete f('Ingress', 'api').metadata.annotations['alb.ingress.kubernetes.io/transforms.waste-presign'],
    'is missing',
  ],
]

describe.each(refused)('%s', (rule, what, change, message) => {
  test(`refuses ${what}`, async () => {
    const problems = await lintWith(change)
    expect(problems.filter((problem) => problem.includes(`: ${rule}: `)).join('\n')).toContain(message)
  })
})

test('every rule is shown to fire', () => {
  const shown = new Set(refused.map(([rule]) => rule))
  expect(ruleNames.filter((name) => !shown.has(name))).toEqual([])
})

test('a resource that is defined twice is named with both files', async () => {
  const [document] = byHand as [ManifestDocument]
  const problems = await lintManifests([...byHand, { ...document, path: 'knative/copy.yaml' }])
  expect(problems.join()).toContain(`is defined twice: ${document.path} and knative/copy.yaml`)
})
