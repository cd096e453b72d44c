import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { CatalogueEntry } from '../../deployment/secrets/catalogue.ts'
import type { ManifestDocument } from '../manifests/rule.ts'

const cataloguePath = 'scripts/deployment/secrets/catalogue.ts'

export type SecretReference = {
  kind: CatalogueEntry['kind']
  namespace: string
  name: string
  key: string
  from: string
}

/** Every key of a Secret or ConfigMap that a manifest reads, optional ones left out. */
export function findSecretReferences(documents: readonly ManifestDocument[]): SecretReference[] {
  return documents.flatMap(({ path, resource }) =>
    keyRefsIn(resource).map(({ kind, name, key }) => ({
      kind,
      namespace: resource.metadata?.namespace ?? '',
      name,
      key,
      from: path,
    })),
  )
}

type KeyRef = Pick<SecretReference, 'kind' | 'name' | 'key'>
const kinds = { secretKeyRef: 'Secret', configMapKeyRef: 'ConfigMap' } as const

function keyRefsIn(value: unknown): KeyRef[] {
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([field, inner]) => {
    const kind = kinds[field as keyof typeof kinds]
    if (!kind) return keyRefsIn(inner)
    return inner.optional === true ? [] : [{ kind, name: String(inner.name), key: String(inner.key) }]
  })
}

/** References that nothing makes, and what the catalogue makes for nobody. `readers` has the text of the files in `readBy`. */
export function compareWithCatalogue(
  references: readonly SecretReference[],
  catalogue: readonly CatalogueEntry[],
  readers: ReadonlyMap<string, string>,
): string[] {
  const found = (kind: string, namespace: string, name: string, key: string) =>
    `${kind} "${namespace}/${name}" key "${key}"`
  const made = new Set(
    catalogue.flatMap(({ kind, name, namespaces, keys }) =>
      namespaces.flatMap((namespace) => Object.keys(keys).map((key) => found(kind, namespace, name, key))),
    ),
  )
  const read = new Set(references.map(({ kind, namespace, name, key }) => found(kind, namespace, name, key)))
  const unmade = references
    .filter(({ kind, namespace, name, key }) => !made.has(found(kind, namespace, name, key)))
    .map(
      (one) =>
        `${one.from} reads ${found(one.kind, one.namespace, one.name, one.key)}, which ${cataloguePath} does not have`,
    )
  const byFile = catalogue.filter(({ readBy }) => readBy !== undefined)
  const unread = [...made].filter(
    (one) =>
      !read.has(one) && !byFile.some(({ kind, name }) => one.startsWith(`${kind} `) && one.includes(`/${name}"`)),
  )
  return [
    ...new Set(unmade),
    ...unread.map((one) => `${cataloguePath} has ${one}, which nothing reads`),
    ...byFile.flatMap(({ name, readBy = [] }) =>
      readBy
        .filter((path) => !mentions(readers.get(path) ?? '', name))
        .map((path) => `${cataloguePath} says that ${path} reads "${name}", and the file does not name it`),
    ),
  ]
}

/** Whether a template has a word that may become `name`: an expression in braces stands for any part of it. */
function mentions(template: string, name: string): boolean {
  const words = template.match(/(?:[\w.-]|\{\{[^}]*\}\})+/g) ?? []
  return words.some((word) => {
    const literal = word.replaceAll(/\{\{[^}]*\}\}/g, '')
    return (
      literal.length > 2 &&
      new RegExp(`^${word.replaceAll('.', '[.]').replaceAll(/\{\{[^}]*\}\}/g, '[a-z0-9-]+')}$`).test(name)
    )
  })
}

/** The same for the files of this repository. */
export async function findSecretProblems(
  repository: string,
  documents: readonly ManifestDocument[],
  catalogue: readonly CatalogueEntry[],
): Promise<string[]> {
  const paths = [...new Set(catalogue.flatMap(({ readBy = [] }) => readBy))]
  const present = paths.filter((path) => existsSync(join(repository, path)))
  const readers = new Map(
    await Promise.all(present.map(async (path) => [path, await readFile(join(repository, path), 'utf8')] as const)),
  )
  return compareWithCatalogue(findSecretReferences(documents), catalogue, readers)
}
