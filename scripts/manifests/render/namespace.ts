import type { Resource } from '../resource.ts'

/** One namespace per domain. The sidecar of Knative is not ready for `restricted`, so that level only warns. */
export function renderNamespace(domain: string): Resource {
  return {
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: {
      name: domain,
      labels: {
        'app.kubernetes.io/part-of': 'growbin',
        'growbin.app/tier': 'functions',
        'pod-security.kubernetes.io/enforce': 'baseline',
        'pod-security.kubernetes.io/warn': 'restricted',
      },
    },
  }
}
