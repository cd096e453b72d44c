import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { build } from 'esbuild'
import { expect, it } from 'vitest'
import { keepNamedExports } from './keep-named-exports.ts'

const banner =
  "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);"

it.each(['@aws-sdk/client-s3', '@aws-sdk/s3-request-presigner', 'ioredis', 'openai'])(
  'gives a lazy import of %s the names that it has without bundling',
  async (name) => {
    const outdir = await mkdtemp(join(tmpdir(), 'growbin-lazy-'))
    try {
      await build({
        stdin: { contents: `export const load = () => import('${name}')`, resolveDir: import.meta.dirname },
        ...{ outdir, bundle: true, splitting: true, format: 'esm', platform: 'node', banner: { js: banner } },
        outExtension: { '.js': '.mjs' },
        plugins: [keepNamedExports([])],
      })
      const { load } = (await import(join(outdir, 'stdin.mjs'))) as { load: () => Promise<object> }
      const own = Object.keys(await import(name)).filter((key) => key !== 'module.exports')
      expect(Object.keys(await load()).sort()).toEqual(own.sort())
    } finally {
      await rm(outdir, { recursive: true, force: true })
    }
  },
)
