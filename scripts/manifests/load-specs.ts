import { glob } from 'node:fs/promises'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { FunctionSpec } from '../../functions/_lib/process/function-spec.ts'

export type LoadedSpec = {
  spec: FunctionSpec
  /** The `function.ts` it comes from, relative to the repository. */
  source: string
}

/** Finds and imports every `functions/<domain>/<operation>/function.ts`, in order of path. */
export async function loadSpecs(repository: string): Promise<LoadedSpec[]> {
  const sources: string[] = []
  for await (const source of glob('functions/[!_]*/*/function.ts', { cwd: repository })) sources.push(source)
  return Promise.all(
    sources.sort().map(async (source) => {
      const module: { default?: FunctionSpec } = await import(pathToFileURL(join(repository, source)).href)
      if (!module.default) throw new Error(`"${source}" has no default export; expected a FunctionSpec`)
      return { spec: module.default, source }
    }),
  )
}
