import { glob, mkdir, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build, type Metafile } from 'esbuild'
import { copyPackages } from './copy-packages.ts'

export type BundleOptions = {
  /** Each function goes to `<outDirectory>/<name>/main.js`. What is there for that function is removed first. */
  outDirectory: string
  /** Only these functions, such as `waste-presign`. Default: every one that has a `main.ts`. */
  names?: readonly string[]
  /** Writes `main.js.map`. Default: no. */
  sourcemap?: boolean
  /** Where `functions` is. Default: this repository. */
  repository?: string
}

export type Bundle = {
  name: string
  /** The one file with everything but native packages. */
  file: string
  bytes: number
  /** Packages for an outside system that ended up in the file or beside it. */
  drivers: readonly string[]
  /** Native packages, with what they need, copied beside the file. */
  copiedPackages: readonly string[]
  durationMs: number
}

/** They load a binary by its place on disk, or are mostly one, so they are not made part of one file. */
const nativePackages = ['sharp', 'libheif-js']
/** Tried with `require` by a package that does without. */
const absentPackages = ['pg-native']
const driverPackages = [
  'pg',
  'drizzle-orm',
  'ioredis',
  'amqplib',
  '@aws-sdk/client-s3',
  'openai',
  'sharp',
  'jose',
  'oauth4webapi',
]

// CommonJS packages inside an ES module have no `require` of their own for the modules of Node.js.
const requireBanner =
  "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);"

/** Bundles functions into one ES module each: a cold start reads one file instead of hundreds. */
export async function bundleFunctions(options: BundleOptions): Promise<Bundle[]> {
  const repository = options.repository ?? fileURLToPath(new URL('../..', import.meta.url))
  const entries = await findEntries(repository)
  const names = options.names ?? [...entries.keys()]
  const unknown = names.filter((name) => !entries.has(name))
  if (unknown.length > 0) {
    throw new Error(`No function is named "${unknown.join('", "')}"; found ${[...entries.keys()].join(', ') || 'none'}`)
  }
  // One after the other: esbuild uses every core by itself.
  const bundles: Bundle[] = []
  for (const name of names) bundles.push(await bundleFunction(name, entries.get(name) as string, repository, options))
  return bundles
}

async function findEntries(repository: string): Promise<Map<string, string>> {
  const paths: string[] = []
  for await (const path of glob('functions/[!_]*/*/main.ts', { cwd: repository })) paths.push(path)
  return new Map(paths.sort().map((path) => [dirname(path).split('/').slice(1).join('-'), path]))
}

async function bundleFunction(
  name: string,
  entry: string,
  repository: string,
  options: BundleOptions,
): Promise<Bundle> {
  const startedMs = performance.now()
  const folder = join(options.outDirectory, name)
  await rm(folder, { recursive: true, force: true })
  await mkdir(folder, { recursive: true })
  // Without it Node.js reads the file as CommonJS first, fails, and reads it again.
  await writeFile(join(folder, 'package.json'), '{ "type": "module" }\n')
  const { metafile } = await build({
    absWorkingDir: repository,
    entryPoints: [entry],
    outfile: join(folder, 'main.js'),
    bundle: true,
    format: 'esm',
    platform: 'node',
    target: 'node24',
    minifySyntax: true,
    keepNames: true,
    legalComments: 'none',
    charset: 'utf8',
    external: [...nativePackages, ...absentPackages],
    banner: { js: requireBanner },
    sourcemap: options.sourcemap ?? false,
    metafile: true,
    logLevel: 'silent',
  })
  const { bytes, packages } = contentsOf(metafile)
  const native = nativePackages.filter((nativePackage) => packages.has(nativePackage))
  const copiedPackages = await copyPackages(native, { repository, folder })
  return {
    name,
    file: join(folder, 'main.js'),
    bytes,
    drivers: driverPackages.filter((driver) => packages.has(driver)),
    copiedPackages,
    durationMs: performance.now() - startedMs,
  }
}

/** The size of the output, and the packages that are in it or that it imports from outside. */
function contentsOf({ outputs }: Metafile): { bytes: number; packages: Set<string> } {
  const [, output] = Object.entries(outputs).find(([path]) => path.endsWith('.js')) ?? []
  if (!output) throw new Error('esbuild wrote no file')
  const inside = Object.entries(output.inputs)
    .filter(([, { bytesInOutput }]) => bytesInOutput > 0)
    .map(([path]) => packageOf(path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length)))
  const outside = output.imports.filter(({ external }) => external).map(({ path }) => packageOf(path))
  return { bytes: output.bytes, packages: new Set([...inside, ...outside]) }
}

function packageOf(path: string): string {
  return path
    .split('/')
    .slice(0, path.startsWith('@') ? 2 : 1)
    .join('/')
}
