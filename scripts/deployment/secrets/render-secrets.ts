import type { VariableSource } from '../../../functions/_lib/variables/variable.ts'
import type { LoadedSpec } from '../../manifests/load-specs.ts'
import { type CatalogueEntry, isGiven, type Values } from './catalogue.ts'
import type { Material } from './material.ts'
import type { SecretStore } from './store.ts'

/** A value that a function would not accept, or that is missing. Its message names the value and never holds it. */
export class SecretError extends Error {
  override name = 'SecretError'
}

type Check = (kind: CatalogueEntry['kind'], name: string, key: string, value: string) => string[]

/** Checks a value as the functions that read it do at their start: by the schemas of their variables. */
export function createValueCheck(specs: readonly LoadedSpec[]): Check {
  const variables = specs.flatMap(({ spec }) => Object.entries(spec.variables))
  return (kind, name, key, value) =>
    variables
      .filter(([, { source }]) => source && isSourceOf(source, kind, name, key))
      .flatMap(([variable, { schema }]) => {
        const parsed = schema.safeParse(value)
        return parsed.success ? [] : parsed.error.issues.map(({ message }) => `"${variable}": ${message}`)
      })
}

function isSourceOf(source: VariableSource, kind: CatalogueEntry['kind'], name: string, key: string): boolean {
  const found = 'secret' in source ? source.secret : 'configMap' in source ? source.configMap : undefined
  return found === name && 'key' in source && source.key === key && 'secret' in source === (kind === 'Secret')
}

/** The manifests of one entry, one for each namespace, with its values as text. Throws `SecretError`. */
export async function renderEntry(entry: CatalogueEntry, store: SecretStore, check: Check): Promise<SecretManifest[]> {
  const values = await readValues(entry, store)
  const data = Object.fromEntries(
    Object.entries(entry.keys).map(([key, value]) => [
      key,
      isGiven(value) ? values.given(entry.name, key) : value.render(values),
    ]),
  )
  const problems = Object.entries(data).flatMap(([key, value]) => check(entry.kind, entry.name, key, value))
  if (problems.length > 0)
    throw new SecretError(`"${entry.name}" would be refused: ${[...new Set(problems)].join('; ')}`)
  return entry.namespaces.map((namespace) => ({
    apiVersion: 'v1',
    kind: entry.kind,
    metadata: {
      name: entry.name,
      namespace,
      labels: { 'app.kubernetes.io/part-of': 'growbin', ...entry.labels },
    },
    ...(entry.type && { type: entry.type }),
    ...(entry.kind === 'Secret' ? { stringData: data } : { data }),
  }))
}

export type SecretManifest = {
  apiVersion: 'v1'
  kind: CatalogueEntry['kind']
  metadata: { name: string; namespace: string; labels: Record<string, string> }
  type?: string
  stringData?: Record<string, string>
  data?: Record<string, string>
}

async function readValues(entry: CatalogueEntry, store: SecretStore): Promise<Values> {
  const materials = new Map<string, Material>()
  const given = new Map<string, string>()
  for (const [key, value] of Object.entries(entry.keys)) {
    if (isGiven(value)) {
      const text = await store.readGiven(entry.name, key)
      if (!text)
        throw new SecretError(`"${entry.name}" needs ${value.given}; write it to ${store.givenPath(entry.name, key)}`)
      given.set(key, text)
    } else {
      for (const name of value.from) {
        const material = await store.readMaterial(name)
        if (!material) throw new SecretError(`"${name}" is not made yet; run "./scripts/secrets generate"`)
        materials.set(name, material)
      }
    }
  }
  return {
    material: (name) => materials.get(name) as Material,
    given: (_, key) => given.get(key) as string,
  }
}
