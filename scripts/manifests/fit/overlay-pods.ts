import * as z from 'zod'
import type { Resource } from '../resource.ts'
import type { PodLoad } from './pod-load.ts'

/** Settings of Serving for the sidecar of every instance. */
export type Sidecar = Pick<PodLoad, 'cpuMillis' | 'memoryMiB' | 'memoryLimitMiB'>

const quantity = (unit: 'm' | 'Mi') =>
  z
    .string()
    .regex(new RegExp(`^\\d+${unit}$`), `expected a number of ${unit}`)
    .transform((text) => Number.parseInt(text, 10))

const sidecarSchema = z.object({
  'queue-sidecar-cpu-request': quantity('m'),
  'queue-sidecar-memory-request': quantity('Mi'),
  'queue-sidecar-memory-limit': quantity('Mi'),
})

const serviceSchema = z.object({
  spec: z.object({
    template: z.object({
      metadata: z.object({ annotations: z.record(z.string(), z.string()) }),
      spec: z.object({
        nodeSelector: z.object({ workload: z.string() }),
        containers: z.tuple([
          z.object({
            resources: z.object({
              requests: z.object({ cpu: quantity('m'), memory: quantity('Mi') }),
              limits: z.object({ memory: quantity('Mi') }),
            }),
          }),
        ]),
      }),
    }),
  }),
})

const brokerPodSchema = z.object({
  metadata: z.object({
    annotations: z.object({
      'rabbitmq.eventing.knative.dev/cpu-request': quantity('m'),
      'rabbitmq.eventing.knative.dev/memory-request': quantity('Mi'),
      'rabbitmq.eventing.knative.dev/memory-limit': quantity('Mi'),
    }),
  }),
})

/** The sidecar that `config-deployment` asks for. */
export function readSidecar(configDeployment: Resource): Sidecar {
  const data = sidecarSchema.parse(configDeployment.data)
  return {
    cpuMillis: data['queue-sidecar-cpu-request'],
    memoryMiB: data['queue-sidecar-memory-request'],
    memoryLimitMiB: data['queue-sidecar-memory-limit'],
  }
}

/** The pods that the resources of an overlay become: instances of functions, ingresses of brokers, dispatchers of triggers. */
export function podsOf(resources: readonly Resource[], sidecar: Sidecar): PodLoad[] {
  return resources.flatMap((resource) => {
    if (resource.apiVersion.startsWith('serving.knative.dev/')) return [functionPod(resource, sidecar)]
    if (resource.kind === 'Broker') return [brokerPod(resource, `ingress of ${resource.metadata.name}`, 1)]
    // Every trigger here has a dead letter sink, and with it a second dispatcher.
    return resource.kind === 'Trigger' ? [brokerPod(resource, `dispatchers of ${resource.metadata.name}`, 2)] : []
  })
}

function functionPod(resource: Resource, sidecar: Sidecar): PodLoad {
  const { template } = serviceSchema.parse(resource).spec
  const [{ resources }] = template.spec.containers
  const scale = (bound: string) => Number(template.metadata.annotations[`autoscaling.knative.dev/${bound}-scale`])
  return {
    name: resource.metadata.name,
    count: { min: scale('min'), max: scale('max') },
    cpuMillis: resources.requests.cpu + sidecar.cpuMillis,
    memoryMiB: resources.requests.memory + sidecar.memoryMiB,
    memoryLimitMiB: resources.limits.memory + sidecar.memoryLimitMiB,
    place: { workload: template.spec.nodeSelector.workload },
  }
}

function brokerPod(resource: Resource, name: string, count: number): PodLoad {
  const { annotations } = brokerPodSchema.parse(resource).metadata
  return {
    name,
    count: { min: count, max: count },
    cpuMillis: annotations['rabbitmq.eventing.knative.dev/cpu-request'],
    memoryMiB: annotations['rabbitmq.eventing.knative.dev/memory-request'],
    memoryLimitMiB: annotations['rabbitmq.eventing.knative.dev/memory-limit'],
    place: 'untainted',
  }
}
