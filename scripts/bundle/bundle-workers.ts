import { readFile } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { type BuildOptions, build, type Metafile, type Plugin } from 'esbuild'

const workerUrl = /new URL\('(\.{1,2}\/[\w./-]+\.worker)\.ts', import\.meta\.url\)/g

/**
 * Bundles each file that a thread is started from (`new URL('./<name>.worker.ts', import.meta.url)`) to `<name>.worker.js` beside the
 * bundle, and points the URL there: esbuild itself leaves such a URL as it is. What was made is added to `made`.
 */
export function bundleWorkers(options: BuildOptions & { outdir: string }, made: Metafile[]): Plugin {
  return {
    name: 'bundle-workers',
    setup: ({ onLoad }) => {
      onLoad({ filter: /\.ts$/ }, async ({ path }) => {
        const text = await readFile(path, 'utf8')
        const found = [...text.matchAll(workerUrl)].map(([, stem]) => stem as string)
        if (found.length === 0) return undefined
        for (const stem of found) {
          const entry = join(dirname(path), `${stem}.ts`)
          const { metafile } = await build({ ...options, entryPoints: [entry], splitting: false, metafile: true })
          made.push(metafile)
        }
        const contents = text.replaceAll(
          workerUrl,
          (_, stem: string) => `new URL('./${basename(stem)}.js', import.meta.url)`,
        )
        return { contents, loader: 'ts' }
      })
    },
  }
}
