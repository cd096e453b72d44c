import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { build } from 'esbuild'

/** Bundles the reference programs like functions. Resolves to the folder of `<name>.js`. */
export async function buildReferences(directory: string, names: readonly string[]): Promise<string> {
  const outdir = join(directory, 'references')
  await build({
    entryPoints: names.map((name) => join(import.meta.dirname, 'references', `${name}.ts`)),
    outdir,
    bundle: true,
    format: 'esm',
    platform: 'node',
    target: 'node24',
    minifySyntax: true,
    banner: {
      js: "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);",
    },
    logLevel: 'silent',
  })
  await writeFile(join(outdir, 'package.json'), '{ "type": "module" }\n')
  return outdir
}
