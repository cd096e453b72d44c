import { cp, glob } from 'node:fs/promises'
import { join } from 'node:path'
import { bundleFunctions, bundleProgram, findFunctionNames } from '../../bundle/bundle-functions.ts'

export const migrateName = 'growbin-migrate'
const functionPort = 8080

export type BundledProgram = {
  /** What the image has as `/app`. */
  folder: string
  mainFile: string
  /** Where it listens, if it does. */
  port?: number
  /** What it was made of, from the root of the repository. */
  inputs: readonly string[]
}

/** The names of all images: those of the functions, and of the program that prepares the database for them. */
export async function findImageNames(repository: string): Promise<string[]> {
  return [...(await findFunctionNames(repository)), migrateName]
}

/** Bundles what an image runs to a folder of its own below `outDirectory`. */
export async function bundleImage(
  name: string,
  options: { repository: string; outDirectory: string },
): Promise<BundledProgram> {
  const folder = join(options.outDirectory, name)
  if (name === migrateName) {
    const file = 'migrate.mjs'
    const { inputs } = await bundleProgram({ ...options, name, entry: 'scripts/migration/main.ts', file })
    for await (const path of glob('functions/*/migrations/{*.sql,meta/_journal.json}', { cwd: options.repository })) {
      await cp(join(options.repository, path), join(folder, path), { recursive: true })
    }
    return { folder, mainFile: file, inputs }
  }
  const [bundle] = await bundleFunctions({ ...options, names: [name] })
  if (!bundle) throw new Error(`The function "${name}" was not bundled`)
  return { folder, mainFile: 'main.js', port: functionPort, inputs: bundle.inputs }
}
