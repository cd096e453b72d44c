import { glob, mkdir, rm, writeFile } from 'node:fs/promises'
import { basename, dirname, extname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type BuildOptions, build, type Metafile } from 'esbuild'
import { bundleWorkers } from './bundle-workers.ts'
import { copyPackages } from './copy-packages.ts'
import { keepNamedExports } from './keep-named-exports.ts'

export type BundleOptions = {
  /** Each function goes to `<outDirectory>/<name>/main.js`. What is there for that function is removed first. */
  outDirectory: string
  /** Only these functions, such as `waste-presign`. Default: every one that has a `main.ts`. */
  names?: readonly string[]
  /** Writes a source map beside each file. Default: no. */
  sourcemap?: boolean
  /** Where `functions` is. Default: this repository. */
  repository?: string
}

export type Bundle = {
  name: string
  /** What is started. It brings everything but native packages, together with the files beside it. */
  file: string
  /** Of all files. */
  bytes: number
  /** Of what is read at start; the rest is read when an `import()` first asks for it. */
  startBytes: number
  /** The files that it was made of, from the root of the repository, and the folders of the packages that were copied. */
  inputs: readonly string[]
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

const modulesFolder = 'node_modules/'
// CommonJS packages inside an ES module have no `require` of their own for the modules of Node.js.
const requireBanner =
  "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);"

/** Bundles functions into a few ES modules each: a cold start reads one file or two instead of hundreds. */
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
  for (const name of names) {
    const entry = entries.get(name) as string
    bundles.push(await bundleProgram({ name, entry, repository, ...options, file: 'main.js' }))
  }
  return bundles
}

/** The names of all functions that can be bundled. */
export async function findFunctionNames(repository: string): Promise<string[]> {
  return [...(await findEntries(repository)).keys()]
}

async function findEntries(repository: string): Promise<Map<string, string>> {
  const paths: string[] = []
  for await (const path of glob('functions/[!_]*/*/main.ts', { cwd: repository })) paths.push(path)
  return new Map(paths.sort().map((path) => [dirname(path).split('/').slice(1).join('-'), path]))
}

export type ProgramOptions = {
  name: string
  /** What is started, from the root of the repository. */
  entry: string
  repository: string
  outDirectory: string
  /** The name of what is started, `main.js` or another with its ending. */
  file: string
  sourcemap?: boolean
}

/** Bundles one program to `<outDirectory>/<name>`, which is emptied first. */
export async function bundleProgram({ name, entry, repository, file, ...options }: ProgramOptions): Promise<Bundle> {
  const startedMs = performance.now()
  const extension = extname(file)
  const folder = join(options.outDirectory, name)
  await rm(folder, { recursive: true, force: true })
  await mkdir(folder, { recursive: true })
  // Without it Node.js reads the file as CommonJS first, fails, and reads it again.
  await writeFile(join(folder, 'package.json'), '{ "type": "module" }\n')
  const workers: Metafile[] = []
  const shared: BuildOptions & { outdir: string } = {
    absWorkingDir: repository,
    outdir: folder,
    splitting: true,
    chunkNames: '[name]-[hash]',
    bundle: true,
    format: 'esm',
    platform: 'node',
    target: 'node24',
    minifySyntax: true,
    legalComments: 'none',
    charset: 'utf8',
    external: [...nativePackages, ...absentPackages],
    banner: { js: requireBanner },
    sourcemap: options.sourcemap ?? false,
    logLevel: 'silent',
  }
  const plugins = [keepNamedExports([...nativePackages, ...absentPackages])]
  const { metafile } = await build({
    ...shared,
    entryPoints: [{ in: entry, out: basename(file, extension) }],
    outExtension: { '.js': extension },
    plugins: [...plugins, bundleWorkers({ ...shared, plugins }, workers)],
    metafile: true,
  })
  // A worker is a bundle of its own, read when its thread starts.
  for (const { outputs } of workers) Object.assign(metafile.outputs, outputs)
  const { bytes, startBytes, packages, inputs } = contentsOf(metafile, entry)
  const native = nativePackages.filter((nativePackage) => packages.has(nativePackage))
  const copiedPackages = await copyPackages(native, { repository, folder })
  return {
    name,
    file: join(folder, file),
    bytes,
    startBytes,
    inputs: [...inputs, ...copiedPackages.map((copied) => `${modulesFolder}${copied}`)],
    drivers: driverPackages.filter((driver) => packages.has(driver)),
    copiedPackages,
    durationMs: performance.now() - startedMs,
  }
}

/** The sizes of the output, and the packages that are in it or that it imports from outside. */
function contentsOf({ outputs }: Metafile, entry: string) {
  const files = new Map(Object.entries(outputs).filter(([path]) => /[.]m?js$/.test(path)))
  const main = [...files.keys()].find((path) => files.get(path)?.entryPoint === entry)
  if (!main) throw new Error('esbuild wrote no file')
  const atStart = new Set([main])
  for (const path of atStart) {
    for (const { path: imported, kind } of files.get(path)?.imports ?? []) {
      if (kind === 'import-statement' && files.has(imported)) atStart.add(imported)
    }
  }
  const packages = new Set<string>()
  const read = new Set<string>()
  for (const { inputs, imports } of files.values()) {
    for (const [path, { bytesInOutput }] of Object.entries(inputs)) {
      if (bytesInOutput === 0) continue
      read.add(path)
      packages.add(packageOf(path.slice(path.lastIndexOf(modulesFolder) + modulesFolder.length)))
    }
    for (const { path, external } of imports) if (external) packages.add(packageOf(path))
  }
  const sizeOf = (paths: Iterable<string>) => [...paths].reduce((sum, path) => sum + (files.get(path)?.bytes ?? 0), 0)
  return { bytes: sizeOf(files.keys()), startBytes: sizeOf(atStart), packages, inputs: [...read].sort() }
}

function packageOf(path: string): string {
  return path
    .split('/')
    .slice(0, path.startsWith('@') ? 2 : 1)
    .join('/')
}
