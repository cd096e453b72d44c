import { readFile, stat } from 'node:fs/promises'
import { join, normalize } from 'node:path'
import { parse, parseAllDocuments } from 'yaml'
import * as z from 'zod'
import type { Resource } from '../resource.ts'
import { parsePatch } from './parse-patch.ts'
import { selectorSchema, selects } from './select-resources.ts'

const paths = z.array(z.string()).default([])
/** What of kustomize this reader knows. Everything else is refused by name, since to pass over it would be to run something else. */
const kustomizationSchema = z.strictObject({
  apiVersion: z.string(),
  kind: z.enum(['Kustomization', 'Component']),
  resources: paths,
  components: paths,
  patches: z.array(z.strictObject({ target: selectorSchema, patch: z.string() })).default([]),
})

/**
 * The resources of a kustomization, as `kustomize build` gives them: its resources, then its components, then its patches.
 * `folder` is relative to the repository. Throws for a field that it does not know, a resource that is not there, and a patch
 * that changes nothing.
 */
export async function resolveKustomization(repository: string, folder: string): Promise<Resource[]> {
  return accumulate(repository, folder, [])
}

async function accumulate(repository: string, folder: string, earlier: readonly Resource[]): Promise<Resource[]> {
  const path = join(folder, 'kustomization.yaml')
  const { resources, components, patches } = parseKustomization(path, await readFile(join(repository, path), 'utf8'))
  const own = await Promise.all(resources.map((resource) => readResource(repository, join(folder, resource))))
  let found = [...earlier, ...own.flat()]
  for (const each of components) found = await accumulate(repository, normalize(join(folder, each)), found)
  for (const { target, patch } of patches) {
    if (!found.some((resource) => selects(target, resource)))
      throw new Error(`"${path}": no resource is a target of the patch for ${JSON.stringify(target)}`)
    const apply = parsePatch(patch, path)
    found = found.map((resource) => (selects(target, resource) ? apply(resource) : resource))
  }
  return found
}

async function readResource(repository: string, path: string): Promise<Resource[]> {
  if ((await stat(join(repository, path))).isDirectory()) return accumulate(repository, normalize(path), [])
  const documents = parseAllDocuments(await readFile(join(repository, path), 'utf8'), { uniqueKeys: true })
  return documents.map((document) => {
    const [error] = document.errors
    if (error) throw new Error(`"${path}" is not YAML: ${error.message}`)
    return document.toJS() as Resource
  })
}

function parseKustomization(path: string, text: string) {
  const parsed = kustomizationSchema.safeParse(parse(text))
  if (parsed.success) return parsed.data
  throw new Error(`"${path}" is not understood by this reader: ${z.prettifyError(parsed.error)}`)
}
