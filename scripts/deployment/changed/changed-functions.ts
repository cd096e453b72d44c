import { join } from 'node:path'
import { build, type Metafile } from 'esbuild'
import { bundleWorkers } from '../../bundle/bundle-workers.ts'

/** What every image is made with: a change there changes all. */
const ofAll =
  /^(package(-lock)?[.]json|tsconfig[.]json|functions\/Dockerfile|images\/|scripts\/(bundle|images)(\/|[.]ts$))/
/** What the program that migrates the database is made with. */
const ofMigration = /^(functions\/([^/]+\/migrations|recycling|_lib)\/|scripts\/(local\/)?migration\/)/
export const migrationImage = 'growbin-migrate'

/** The files that each function is made of, by name: what its `main.ts` imports, and the files of the threads that it starts. */
export async function readFunctionInputs(
  repository: string,
  sources: Readonly<Record<string, string>>,
): Promise<Map<string, ReadonlySet<string>>> {
  const inputs = new Map<string, ReadonlySet<string>>()
  for (const [name, source] of Object.entries(sources)) {
    const workers: Metafile[] = []
    const options = {
      absWorkingDir: repository,
      outdir: join(repository, 'dist', name),
      bundle: true,
      splitting: true,
      format: 'esm',
      platform: 'node',
      // A change of a package is one of the lock file.
      packages: 'external',
      write: false,
      logLevel: 'silent',
    } as const
    const { metafile } = await build({
      ...options,
      entryPoints: [join(repository, source.replace(/function[.]ts$/, 'main.ts'))],
      metafile: true,
      plugins: [bundleWorkers(options, workers)],
    })
    const files = [metafile, ...workers].flatMap((found) => Object.keys(found.inputs))
    // Its description says what is deployed, though the program does not import it.
    inputs.set(name, new Set([...files, source]))
  }
  return inputs
}

/** The images that have to be built again after `changed` files, in order of name. */
export function findChangedFunctions(
  changed: readonly string[],
  inputs: ReadonlyMap<string, ReadonlySet<string>>,
): string[] {
  if (changed.some((path) => ofAll.test(path))) return [...inputs.keys(), migrationImage].sort()
  const functions = [...inputs].filter(([, files]) => changed.some((path) => files.has(path))).map(([name]) => name)
  return [...functions, ...(changed.some((path) => ofMigration.test(path)) ? [migrationImage] : [])].sort()
}
