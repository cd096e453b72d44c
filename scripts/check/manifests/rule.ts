import type { Resource } from '../../manifests/resource.ts'

export type ManifestDocument = { path: string; resource: Resource }

export type Cluster = {
  resources: readonly Resource[]
  /** Of `config-features`, lower-case, with Knative's own defaults beneath. */
  features: Readonly<Record<string, string>>
  /** A key of a Knative Serving ConfigMap, such as `setting('config-defaults', 'max-revision-timeout-seconds')`. */
  setting: (configMap: string, key: string) => string | undefined
}

/** One thing that the API server or a webhook refuses, or that we refuse because it fails silently at run time. */
export type Rule<Checked extends Resource = Resource> = {
  name: string
  /** `<group>/<kind>`. */
  kind: string
  /** What is wrong with the resource, what was found, what is expected. */
  check: (resource: Checked, cluster: Cluster) => string[]
}

export function kindOf({ apiVersion, kind }: Pick<Resource, 'apiVersion' | 'kind'>): string {
  return apiVersion.includes('/') ? `${apiVersion.split('/')[0]}/${kind}` : kind
}

export function createCluster(resources: readonly Resource[]): Cluster {
  const setting = (configMap: string, key: string) => {
    const found = resources.find(({ kind, metadata }) => kind === 'ConfigMap' && metadata.name === configMap)
    return (found?.data as Record<string, string> | undefined)?.[key]
  }
  const configured = resources.find(({ metadata }) => metadata.name === 'config-features')?.data ?? {}
  return {
    resources,
    setting,
    features: { 'kubernetes.podspec-volumes-emptydir': 'enabled', 'multi-container': 'enabled', ...configured },
  }
}
