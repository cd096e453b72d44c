import * as z from 'zod'
import type { Resource } from '../resource.ts'
import { metadataSchema, readResource } from './read-resource.ts'

/** Where the value of a variable is: in the manifest itself, or under a key of a Secret or ConfigMap. */
export type VariableOrigin =
  | { value: string }
  | { kind: 'Secret' | 'ConfigMap'; name: string; key: string; optional: boolean }

export type DeployedService = {
  name: string
  namespace: string
  labels: Readonly<Record<string, string>>
  /** Requests at once in one instance; 0 means no limit. */
  concurrency: number
  instancesMin: number
  instancesMax: number
  /** Of one request, whole. */
  timeoutMs: number
  /** Of the first byte of its answer. */
  responseStartTimeoutMs: number
  /** What it asks for of a processor, in thousandths. */
  cpuMillis: number
  variables: Readonly<Record<string, VariableOrigin>>
}

/** Says how a machine of the cluster runs it, or how Kubernetes watches it, and nothing of what it does. */
const onlyOfTheCluster = z.unknown().optional()

const reference = z.strictObject({ name: z.string(), key: z.string(), optional: z.boolean().default(false) })
const variableSchema = z
  .strictObject({
    name: z.string(),
    value: z.string().optional(),
    valueFrom: z.strictObject({ secretKeyRef: reference.optional(), configMapKeyRef: reference.optional() }).optional(),
  })
  .transform(({ name, value, valueFrom }, context): [string, VariableOrigin] => {
    const { secretKeyRef: secret, configMapKeyRef: configMap } = valueFrom ?? {}
    if (value !== undefined && !valueFrom) return [name, { value }]
    if (secret && !configMap && value === undefined) return [name, { kind: 'Secret', ...secret }]
    if (configMap && !secret && value === undefined) return [name, { kind: 'ConfigMap', ...configMap }]
    context.addIssue({
      code: 'custom',
      message: `the variable "${name}" needs a value, a secretKeyRef or a configMapKeyRef`,
    })
    return z.NEVER
  })

const containerSchema = z.strictObject({
  env: z.array(variableSchema),
  resources: z.strictObject({
    requests: z.strictObject({
      cpu: z.string().regex(/^\d+m$/, 'expected thousandths such as "50m"'),
      memory: onlyOfTheCluster,
    }),
    limits: onlyOfTheCluster,
  }),
  name: z.literal('function'),
  image: onlyOfTheCluster,
  ports: onlyOfTheCluster,
  readinessProbe: onlyOfTheCluster,
  livenessProbe: onlyOfTheCluster,
  securityContext: onlyOfTheCluster,
  volumeMounts: onlyOfTheCluster,
})

const autoscaling = (name: string) => `autoscaling.knative.dev/${name}`
const scale = z.string().regex(/^\d+$/).transform(Number)
const annotationsSchema = z.strictObject({
  [autoscaling('min-scale')]: scale,
  [autoscaling('max-scale')]: scale,
  // When another instance is started and when one ends: a machine alone starts one as soon as the others are full.
  ...Object.fromEntries(
    [
      'class',
      'initial-scale',
      'metric',
      'target',
      'target-burst-capacity',
      'target-utilization-percentage',
      'window',
      'scale-down-delay',
      'scale-to-zero-pod-retention-period',
    ].map((name) => [autoscaling(name), onlyOfTheCluster]),
  ),
})

const serviceSchema = z.strictObject({
  apiVersion: z.literal('serving.knative.dev/v1'),
  kind: z.literal('Service'),
  metadata: metadataSchema(z.never().optional()),
  spec: z.strictObject({
    template: z.strictObject({
      metadata: z.strictObject({ labels: onlyOfTheCluster, annotations: annotationsSchema }),
      spec: z.strictObject({
        containerConcurrency: z.int().min(0),
        timeoutSeconds: z.int().min(1),
        responseStartTimeoutSeconds: z.int().min(1),
        containers: z.tuple([containerSchema]),
        automountServiceAccountToken: onlyOfTheCluster,
        enableServiceLinks: onlyOfTheCluster,
        nodeSelector: onlyOfTheCluster,
        volumes: onlyOfTheCluster,
      }),
    }),
  }),
})

/** A Knative Service as one of our functions runs by it. Throws for a field that it does not know. */
export function readService(resource: Resource): DeployedService {
  const { metadata, spec } = readResource(serviceSchema, resource)
  const { annotations } = spec.template.metadata
  const { containers, ...revision } = spec.template.spec
  const [container] = containers
  return {
    name: metadata.name,
    namespace: metadata.namespace,
    labels: metadata.labels,
    concurrency: revision.containerConcurrency,
    instancesMin: annotations[autoscaling('min-scale')] as number,
    instancesMax: annotations[autoscaling('max-scale')] as number,
    timeoutMs: revision.timeoutSeconds * 1000,
    responseStartTimeoutMs: revision.responseStartTimeoutSeconds * 1000,
    cpuMillis: Number.parseInt(container.resources.requests.cpu, 10),
    variables: Object.fromEntries(container.env),
  }
}
