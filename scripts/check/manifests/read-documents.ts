import { glob, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parseAllDocuments } from 'yaml'
import type { Resource } from '../../manifests/resource.ts'
import type { ManifestDocument } from './rule.ts'

const folders = '{knative,eventing}/**/*.yaml'

/** Patches that are read as resources: each is one of the release's ConfigMaps, with the keys that we set. */
const settings = /^knative\/serving\/.+\.patch\.yaml$/

/** Every manifest of the repository. Kustomizations and other patches are not resources, and are left out. */
export async function readDocuments(repository: string): Promise<ManifestDocument[]> {
  const documents: ManifestDocument[] = []
  for await (const path of glob(folders, { cwd: repository })) {
    if (path.endsWith('kustomization.yaml')) continue
    if (path.endsWith('.patch.yaml') && !settings.test(path)) continue
    for (const document of parseAllDocuments(await readFile(join(repository, path), 'utf8'), { uniqueKeys: true })) {
      const [error] = document.errors
      if (error) throw new Error(`"${path}" is not YAML: ${error.message}`)
      documents.push({ path, resource: document.toJS() as Resource })
    }
  }
  return documents.sort((one, other) => one.path.localeCompare(other.path, 'en'))
}
