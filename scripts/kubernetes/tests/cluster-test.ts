import type { Kubectl } from '../run/kubectl.ts'
import type { Settings } from '../settings.ts'

export type ClusterTestContext = {
  settings: Settings
  kube: Kubectl
  repository: string
  /** Of the load balancer. */
  baseUrl: string
  log: string
}

/** One guarantee that is shown on a running cluster. Throws when it does not hold; resolves to what was measured. */
export type ClusterTest = { name: string; run: (context: ClusterTestContext) => Promise<string> }
