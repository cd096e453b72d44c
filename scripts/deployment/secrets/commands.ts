import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { stringify } from 'yaml'
import { type CatalogueEntry, catalogue, isGiven, materials } from './catalogue.ts'
import { createMaterial, rotateMaterial } from './material.ts'
import { renderEntry, SecretError, type SecretManifest } from './render-secrets.ts'
import type { SecretStore } from './store.ts'

export type SecretCommandDeps = {
  store: SecretStore
  check: Parameters<typeof renderEntry>[2]
  /** Encrypts a Secret for the one cluster that holds the private key, and returns the SealedSecret as YAML. */
  seal: (secret: SecretManifest) => Promise<string>
  now: () => Date
}

/** What `./scripts/secrets` makes; the rest comes from the chart or an operator. */
const ours = catalogue.filter(({ madeBy }) => madeBy === undefined)

/** Makes each value that is missing, and returns their names and what a person still has to give. */
export async function generateSecrets({
  store,
  now,
}: SecretCommandDeps): Promise<{ made: string[]; missing: string[] }> {
  const made: string[] = []
  for (const [name, { kind }] of Object.entries(materials)) {
    if (await store.readMaterial(name)) continue
    await store.writeMaterial(name, await createMaterial(kind, now()))
    made.push(name)
  }
  const missing: string[] = []
  for (const entry of ours) {
    for (const [key, value] of Object.entries(entry.keys)) {
      if (!isGiven(value) || (await store.readGiven(entry.name, key))) continue
      missing.push(`${store.givenPath(entry.name, key)}: ${value.given}`)
    }
  }
  return { made, missing }
}

/** Takes the next step of the rotation of a value, and returns it with the Secrets and ConfigMaps that change. */
export async function rotateSecret(
  name: string,
  { store, now }: SecretCommandDeps,
): Promise<{ step: 'prepared' | 'switched'; affected: string[] }> {
  const known = materials[name]
  if (!known) {
    throw new SecretError(`"${name}" cannot be rotated; expected one of ${Object.keys(materials).sort().join(', ')}`)
  }
  if (known.rotation.startsWith('never')) throw new SecretError(`"${name}" is rotated ${known.rotation}`)
  const material = await store.readMaterial(name)
  if (!material) throw new SecretError(`"${name}" is not made yet; run "./scripts/secrets generate"`)
  const rotated = await rotateMaterial(material, known.kind, now())
  await store.writeMaterial(name, rotated.material)
  const affected = ours.filter(({ keys }) =>
    Object.values(keys).some((value) => !isGiven(value) && value.from.includes(name)),
  )
  return { step: rotated.step, affected: affected.map(({ name }) => name) }
}

/** Writes the SealedSecret or ConfigMap of each entry, or of those with one of `names`, into `folder`. Returns the paths. */
export async function sealSecrets(
  folder: string,
  names: readonly string[],
  deps: SecretCommandDeps,
): Promise<string[]> {
  const unknown = names.filter((name) => !ours.some((entry) => entry.name === name))
  if (unknown.length > 0) throw new SecretError(`The catalogue has no "${unknown.join('", "')}" that is made here`)
  const entries = ours.filter(({ name }) => names.length === 0 || names.includes(name))
  // All are rendered before the first is written, so that a missing value leaves the folder as it was.
  const manifests = (await Promise.all(entries.map((entry) => renderEntry(entry, deps.store, deps.check)))).flat()
  await mkdir(folder, { recursive: true })
  const paths: string[] = []
  for (const manifest of manifests) {
    const text = manifest.kind === 'Secret' ? await deps.seal(manifest) : stringify(manifest)
    const path = join(folder, `${manifest.metadata.namespace}.${manifest.metadata.name}.yaml`)
    await writeFile(path, text)
    paths.push(path)
  }
  return paths
}

/** What is in the catalogue, as lines of a table: never a value. */
export function listSecrets(): { name: string; namespaces: string; keys: string; made: string; rotated: string }[] {
  return catalogue.map((entry) => ({
    name: `${entry.kind} ${entry.name}`,
    namespaces: entry.namespaces.join(', '),
    keys: Object.keys(entry.keys).join(', '),
    made: howMade(entry),
    rotated:
      [...new Set(materialsOf(entry).map((name) => materials[name]?.rotation ?? ''))].join('; ') || 'by its giver',
  }))
}

const materialsOf = ({ keys }: CatalogueEntry): string[] =>
  Object.values(keys).flatMap((value) => (isGiven(value) ? [] : value.from))

function howMade(entry: CatalogueEntry): string {
  if (entry.madeBy) return `by the ${entry.madeBy}`
  const given = Object.values(entry.keys).filter(isGiven)
  return given.length > 0 ? given.map((value) => value.given).join('; ') : [...new Set(materialsOf(entry))].join(', ')
}
