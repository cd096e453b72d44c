import { glob, readFile } from 'node:fs/promises'
import { basename, dirname, join, normalize } from 'node:path'
import { parse } from 'yaml'

type Kustomization = { resources?: string[]; components?: string[]; patches?: { path?: string }[] }

const readKustomization = async (path: string): Promise<Kustomization> => parse(await readFile(path, 'utf8'))

/** A resource or patch that a kustomization names and that is not there, or that lies beside it and is not named. */
export async function findKustomizationProblems(repository: string): Promise<string[]> {
  const files = new Set<string>()
  for await (const path of glob('{knative,eventing}/**/*.yaml', { cwd: repository })) files.add(path)
  const problems: string[] = []
  for (const path of [...files].filter((file) => basename(file) === 'kustomization.yaml').sort()) {
    const { resources = [], components = [], patches = [] } = await readKustomization(join(repository, path))
    const folder = dirname(path)
    const patchFiles = patches.flatMap((patch) => (patch.path === undefined ? [] : [patch.path]))
    const named = new Set(
      [...resources, ...components, ...patchFiles].map((resource) => normalize(join(folder, resource))),
    )
    for (const target of named) {
      if (!files.has(target) && !files.has(join(target, 'kustomization.yaml')))
        problems.push(`${path} names "${target}", which is not there`)
    }
    for (const file of files) {
      const isBeside = dirname(file) === folder && file !== path
      if (isBeside && !named.has(file)) problems.push(`${file} is not named in ${path}, so it is never applied`)
    }
  }
  return problems
}
