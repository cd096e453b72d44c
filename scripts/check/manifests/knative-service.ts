import type { Resource } from '../../manifests/resource.ts'

type Probe = { periodSeconds?: number; timeoutSeconds?: number; failureThreshold?: number; exec?: unknown }
type Quantities = { cpu?: string; memory?: string }

export type Container = {
  name?: string
  image?: string
  env?: { name: string }[]
  ports?: { containerPort?: number; name?: string }[]
  resources?: { requests?: Quantities; limits?: Quantities }
  readinessProbe?: Probe
  livenessProbe?: Probe
  startupProbe?: Probe
  securityContext?: {
    runAsNonRoot?: boolean
    allowPrivilegeEscalation?: boolean
    readOnlyRootFilesystem?: boolean
    capabilities?: { drop?: string[] }
    seccompProfile?: { type?: string }
  }
  volumeMounts?: { name: string; mountPath: string; readOnly?: boolean }[]
}

/** The parts of a Knative Service that the rules read, once its schema has been checked. */
export type KnativeService = Resource & {
  spec: {
    template: {
      metadata?: { name?: string; annotations?: Record<string, string> }
      spec: {
        automountServiceAccountToken?: boolean
        containerConcurrency?: number
        timeoutSeconds?: number
        responseStartTimeoutSeconds?: number
        containers: Container[]
        volumes?: { name: string; emptyDir?: unknown }[]
      }
    }
  }
}
