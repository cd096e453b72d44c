import type { Container, KnativeService } from '../knative-service.ts'
import type { Rule } from '../rule.ts'

type ServiceRule = Rule<KnativeService>

const kind = 'serving.knative.dev/Service'
const revisionOf = ({ spec }: KnativeService) => spec.template.spec
const rule = (name: string, check: ServiceRule['check']): ServiceRule => ({ name, kind, check })
const containerRule = (name: string, check: (container: Container) => string[]): ServiceRule =>
  rule(name, (service) => revisionOf(service).containers.flatMap(check))

const reservedVariables = new Set(['PORT', 'K_SERVICE', 'K_CONFIGURATION', 'K_REVISION'])
const reservedPorts = new Set([8008, 8012, 8013, 8022, 9090, 9091])
const portNames = new Set([undefined, '', 'http1', 'h2c'])
const reservedMountPaths = new Set(['/', '/dev', '/dev/log'])
/** The sidecar waits 30 s before it passes SIGTERM on, within the deadline of the revision. */
const timeoutSecondsMin = 45

/** What Knative Serving's webhooks refuse, and what they let through although it fails at run time. */
export const servingRules: readonly ServiceRule[] = [
  rule('service-name', ({ metadata, spec }) => [
    ...(/^[a-z]([a-z0-9-]{0,61}[a-z0-9])?$/.test(metadata.name) ? [] : [`"${metadata.name}" is no DNS-1035 label`]),
    ...(spec.template.metadata?.name?.startsWith(`${metadata.name}-`) === false
      ? [`the revision name "${spec.template.metadata.name}" does not begin with "${metadata.name}-"`]
      : []),
  ]),
  rule('cluster-local', ({ metadata }, { resources }) => {
    const host = `${metadata.name}.${metadata.namespace}.`
    const isRouted = resources.some(
      ({ kind, metadata: { annotations = {} } }) =>
        kind === 'Ingress' && Object.values(annotations).some((value) => value.includes(`"replace":"${host}`)),
    )
    const isLocal = metadata.labels?.['networking.knative.dev/visibility'] === 'cluster-local'
    if (!isRouted && !isLocal) {
      return [
        'the service has no route and is public; expected the label networking.knative.dev/visibility: cluster-local',
      ]
    }
    return isRouted && isLocal
      ? ['the service has a route and is cluster-local; the load balancer cannot reach it']
      : []
  }),
  rule('deadlines', (service, { setting }) => {
    const { timeoutSeconds = 0, responseStartTimeoutSeconds } = revisionOf(service)
    const timeoutSecondsMax = Number(setting('config-defaults', 'max-revision-timeout-seconds') ?? 600)
    return [
      ...(timeoutSeconds > timeoutSecondsMax
        ? [`timeoutSeconds is ${timeoutSeconds}; config-defaults allows ${timeoutSecondsMax}`]
        : []),
      ...(timeoutSeconds < timeoutSecondsMin
        ? [
            `timeoutSeconds is ${timeoutSeconds}; below ${timeoutSecondsMin} a function is killed before it hears SIGTERM`,
          ]
        : []),
      ...(responseStartTimeoutSeconds === undefined || responseStartTimeoutSeconds > timeoutSeconds
        ? [
            `responseStartTimeoutSeconds is ${responseStartTimeoutSeconds}; expected at most ${timeoutSeconds}, and never unset`,
          ]
        : []),
    ]
  }),
  rule('container-concurrency', (service) => {
    const limit = revisionOf(service).containerConcurrency
    return limit !== undefined && limit >= 0 && limit <= 1000
      ? []
      : [`containerConcurrency is ${limit}; expected 0 to 1000`]
  }),
  rule('service-account-token', (service) =>
    revisionOf(service).automountServiceAccountToken === false
      ? []
      : ['automountServiceAccountToken is not false; a function never calls the API server'],
  ),
  rule('volumes', (service) => {
    const { volumes = [], containers } = revisionOf(service)
    const mounts = containers.flatMap(({ volumeMounts = [] }) => volumeMounts)
    return [
      ...volumes
        .filter(({ name }) => !mounts.some((mount) => mount.name === name))
        .map(({ name }) => `volume "${name}" is never mounted`),
      ...mounts
        .filter(({ name }) => !volumes.some((volume) => volume.name === name))
        .map(({ name }) => `mount "${name}" has no volume`),
      ...mounts
        .filter(({ mountPath }) => reservedMountPaths.has(mountPath))
        .map(({ mountPath }) => `"${mountPath}" is reserved`),
      ...mounts
        .filter(({ name, readOnly }) => !readOnly && !volumes.find((volume) => volume.name === name)?.emptyDir)
        .map(({ name }) => `mount "${name}" is writable; only an emptyDir may be`),
    ]
  }),
  rule('one-container', (service) =>
    revisionOf(service).containers.length === 1 ? [] : ['expected exactly one container'],
  ),
  containerRule('container-name', ({ name }) =>
    name === 'queue-proxy' ? ['"queue-proxy" is the name of the sidecar'] : [],
  ),
  containerRule('variables', ({ env = [] }) => [
    ...env.filter(({ name }) => reservedVariables.has(name)).map(({ name }) => `Knative sets "${name}" itself`),
    ...env
      .filter(({ name }, index) => env.findIndex((other) => other.name === name) !== index)
      .map(({ name }) => `"${name}" is set twice`),
  ]),
  containerRule('ports', ({ ports = [] }) => [
    ...(ports.length > 1 ? [`${ports.length} ports; Knative routes to one`] : []),
    ...ports
      .filter(({ containerPort }) => containerPort !== undefined && reservedPorts.has(containerPort))
      .map(({ containerPort }) => `port ${containerPort} belongs to the sidecar`),
    ...ports
      .filter(({ name }) => !portNames.has(name))
      .map(({ name }) => `the port name "${name}" is not "http1" or "h2c"`),
  ]),
  containerRule('probes', ({ readinessProbe, livenessProbe, startupProbe }) => [
    ...(readinessProbe && livenessProbe ? [] : ['a readiness and a liveness probe are required']),
    ...(readinessProbe?.periodSeconds
      ? ['a readiness period makes every cold start a second coarser; leave it out']
      : []),
    ...(!readinessProbe?.periodSeconds && (readinessProbe?.failureThreshold || readinessProbe?.timeoutSeconds)
      ? ['failureThreshold and timeoutSeconds are refused on a readiness probe without a period']
      : []),
    ...(startupProbe ? ['a startup probe makes every cold start slower; the readiness probe is enough'] : []),
  ]),
  containerRule('resources', ({ resources }) => [
    ...(resources?.requests?.cpu && resources.requests.memory ? [] : ['requests for cpu and memory are required']),
    ...(resources?.limits?.memory ? [] : ['a memory limit is required']),
    ...(resources?.limits?.cpu ? ['a CPU limit triples the time to start; leave it out'] : []),
  ]),
  containerRule('security-context', ({ securityContext: context }) => [
    ...(context?.runAsNonRoot ? [] : ['runAsNonRoot is not true']),
    ...(context?.allowPrivilegeEscalation === false ? [] : ['allowPrivilegeEscalation is not false']),
    ...(context?.readOnlyRootFilesystem ? [] : ['readOnlyRootFilesystem is not true']),
    ...(context?.capabilities?.drop?.includes('ALL') ? [] : ['capabilities.drop has no "ALL"']),
    ...(context?.seccompProfile?.type === 'RuntimeDefault' ? [] : ['seccompProfile is not RuntimeDefault']),
  ]),
]
