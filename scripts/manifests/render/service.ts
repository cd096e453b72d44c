import { deployedVariables, domainOf, type FunctionSpec } from '../../../functions/_lib/process/function-spec.ts'
import type { VariableSource } from '../../../functions/_lib/variables/variable.ts'
import type { Resource } from '../resource.ts'
import { triggerKindOf } from '../trigger-kind.ts'
import { autoscalingOf } from './autoscaling.ts'
import { labelsOf } from './labels.ts'

/** Overlays set the tag or digest by image name; an image that nobody set fails to pull instead of running. */
const unsetTag = 'unset'
/** Where images are; the name of the function follows. */
export const imageRepository = 'ghcr.io/growbin'
/** First byte of an HTTP answer. A model's first token is the slowest; the functions have shorter deadlines of their own. */
const responseStartSeconds = 30
/** Memory beyond the request covers a burst of requests; beyond the limit the instance is replaced. */
export const memoryLimitFactor = 2
/** Of any function: under load, functions that hold no photo were seen with 254 MiB. */
const memoryLimitMiBMin = 320

/** Only what has routes is told to the listener that the load balancer reaches. */
const clusterLocal = { 'networking.knative.dev/visibility': 'cluster-local' }

/** The Knative Service of one function, alone in its file, so that `kn service apply --filename` reads it. */
export function renderService(spec: FunctionSpec): Resource {
  return {
    apiVersion: 'serving.knative.dev/v1',
    kind: 'Service',
    metadata: {
      name: spec.name,
      namespace: domainOf(spec),
      labels: { ...labelsOf(spec), ...(triggerKindOf(spec) === 'http' ? {} : clusterLocal) },
    },
    spec: {
      template: {
        // Knative refuses autoscaling annotations anywhere but here.
        metadata: { labels: labelsOf(spec), annotations: autoscalingOf(spec) },
        spec: {
          automountServiceAccountToken: false,
          enableServiceLinks: false,
          nodeSelector: { workload: spec.node },
          containerConcurrency: spec.scale.concurrency,
          timeoutSeconds: spec.timeoutSeconds,
          // Without it Knative cuts every revision with a longer deadline at 300 s.
          responseStartTimeoutSeconds:
            triggerKindOf(spec) === 'http' ? Math.min(responseStartSeconds, spec.timeoutSeconds) : spec.timeoutSeconds,
          containers: [renderContainer(spec)],
          volumes: [{ name: 'tmp', emptyDir: { sizeLimit: '128Mi' } }],
        },
      },
    },
  }
}

function renderContainer(spec: FunctionSpec) {
  const { name, resources } = spec
  const variables = deployedVariables(spec)
  return {
    name: 'function',
    image: `${imageRepository}/${name}:${unsetTag}`,
    ports: [{ containerPort: 8080 }],
    env: [
      { name: 'NODE_COMPILE_CACHE', value: '/app/compile-cache' },
      ...Object.keys(variables)
        .sort()
        .map((key) => renderVariable(key, variables[key] as VariableSource)),
    ],
    // No CPU limit: throttling triples the time to start.
    resources: {
      requests: { cpu: `${resources.cpuMillis}m`, memory: `${resources.memoryMiB}Mi` },
      limits: { memory: `${Math.max(memoryLimitMiBMin, resources.memoryMiB * memoryLimitFactor)}Mi` },
    },
    // Without a period the sidecar probes every 50 ms while starting; with one, every second at best.
    readinessProbe: { httpGet: { path: '/readyz' } },
    livenessProbe: { httpGet: { path: '/healthz' }, periodSeconds: 10, timeoutSeconds: 2, failureThreshold: 3 },
    securityContext: {
      runAsNonRoot: true,
      runAsUser: 65532,
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ['ALL'] },
      seccompProfile: { type: 'RuntimeDefault' },
    },
    volumeMounts: [{ name: 'tmp', mountPath: '/tmp' }],
  }
}

function renderVariable(name: string, source: VariableSource) {
  if ('value' in source) return { name, value: source.value }
  return 'secret' in source
    ? { name, valueFrom: { secretKeyRef: { name: source.secret, key: source.key } } }
    : { name, valueFrom: { configMapKeyRef: { name: source.configMap, key: source.key } } }
}
