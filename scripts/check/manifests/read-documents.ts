import { glob, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parseAllDocuments } from 'yaml'
import type { Resource } from '../../manifests/resource.ts'
import type { ManifestDocument } from './rule.ts'

const folders = '{knative,eventing}/**/*.yaml'

/** Every manifest of the repository. Patches and kustomizations are not resources, and are left out. */
export async function readDocuments(repository: string): Promise<ManifestDocument[]> {
  const documents: ManifestDocument[] = []
  for await (const path of glob(folders, { cwd: repository })) {
    if (path.endsWith('.patch.yaml') || path.endsWith('kustomization.yaml')) continue
    for (const document of parseAllDocuments(await readFile(join(repository, path), 'utf8'), { uniqueKeys: true })) {
      const [error] = document.errors
      if (error) throw new Error(`"${path}" is not YAML: ${error.message}`)
      documents.push({ path, resource: document.toJS() as Resource })
    }
  }
  return documents.sort((one, other) => one.path.localeCompare(other.path, 'en'))
}
