import { glob } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { FunctionSpec } from '../../../functions/_lib/process/function-spec.ts'
import type { StartFunction } from '../../../functions/_lib/process/serve.ts'

export const repositoryRoot = resolve(import.meta.dirname, '../../..')

export type CataloguedFunction = {
  spec: FunctionSpec
  /** Variables that it reads. */
  variables: readonly string[]
  /** Loads its `main.ts`. */
  load: () => Promise<StartFunction>
}

/** Every function of the repository, by name: the same descriptions that the manifests are made from. */
export async function readFunctionCatalogue(): Promise<CataloguedFunction[]> {
  const functions: CataloguedFunction[] = []
  for await (const path of glob('functions/*/*/function.ts', { cwd: repositoryRoot })) {
    const directory = dirname(join(repositoryRoot, path))
    const importFile = async (file: string) => import(pathToFileURL(join(directory, file)).href)
    const { default: spec } = (await importFile('function.ts')) as { default: FunctionSpec }
    functions.push({
      spec,
      variables: Object.keys(spec.variables),
      load: async () => ((await importFile('main.ts')) as { start: StartFunction }).start,
    })
  }
  return functions.sort((a, b) => a.spec.name.localeCompare(b.spec.name))
}
