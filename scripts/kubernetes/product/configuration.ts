import {
  createLocalValues,
  type LocalValues,
  type LocalValuesOptions,
} from '../../local/platform/environment/local-values.ts'
import type { KubernetesObject } from '../run/kubectl.ts'

type Reference = { kind: 'Secret' | 'ConfigMap'; namespace: string; name: string; key: string; optional: boolean }

/** Every Secret and ConfigMap that the functions refer to, with the values of this machine. Throws for a key that has none, by name. */
export function configurationObjects(
  objects: readonly KubernetesObject[],
  options: LocalValuesOptions,
): KubernetesObject[] {
  const values = createLocalValues(options)
  const made = new Map<string, KubernetesObject>()
  const missing = new Set<string>()
  for (const reference of objects.flatMap(referencesOf)) {
    const { kind, namespace, name, key, optional } = reference
    const value = findValue(values, reference)
    if (value === undefined) {
      if (!optional) missing.add(`key "${key}" of ${kind} "${namespace}/${name}"`)
      continue
    }
    const id = `${kind} ${namespace}/${name}`
    const field = kind === 'Secret' ? 'stringData' : 'data'
    const object = made.get(id) ?? { apiVersion: 'v1', kind, metadata: { name, namespace }, [field]: {} }
    object[field][key] = value
    made.set(id, object)
  }
  if (missing.size > 0) throw new Error(`Nothing gives a value to ${[...missing].join(', ')}; see local-values.ts`)
  return [...made.values()]
}

const findValue = (values: LocalValues, { kind, name, key }: Reference): string | undefined => values[kind][name]?.[key]

function referencesOf({ kind, metadata, spec }: KubernetesObject): Reference[] {
  if (kind !== 'Service' || !spec.template) return []
  const containers: { env?: { valueFrom?: Record<string, { name: string; key: string; optional?: boolean }> }[] }[] =
    spec.template.spec.containers
  return containers.flatMap(({ env = [] }) =>
    env.flatMap(({ valueFrom = {} }) => {
      const { secretKeyRef: secret, configMapKeyRef: configMap } = valueFrom
      const found = secret ?? configMap
      if (!found) return []
      const { name, key, optional = false } = found
      return [
        { kind: secret ? 'Secret' : 'ConfigMap', namespace: metadata.namespace ?? '', name, key, optional } as const,
      ]
    }),
  )
}
