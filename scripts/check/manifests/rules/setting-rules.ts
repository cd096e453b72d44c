import type { Resource } from '../../../manifests/resource.ts'
import type { Rule } from '../rule.ts'

type ConfigMap = Resource & { data: Record<string, string> }

/** Keys that belong to the release, which sets them to what fits its version. */
const ofTheRelease = new Set(['queue-sidecar-image', '_example'])

export const settingRules: readonly Rule<ConfigMap>[] = [
  {
    name: 'setting-patch',
    kind: 'ConfigMap',
    check: ({ metadata, data }) => {
      if (metadata.namespace !== 'knative-serving') return []
      return [
        ...(metadata.labels || metadata.annotations
          ? ['labels and annotations are those of the release; without its labels the webhook no longer checks it']
          : []),
        ...Object.keys(data)
          .filter((key) => ofTheRelease.has(key))
          .map((key) => `"${key}" is set by the release; a patch has our own keys only`),
      ]
    },
  },
]
