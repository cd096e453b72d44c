import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { bundleFunctions } from './bundle/bundle-functions.ts'
import { formatTable } from './lib/format-table.ts'

const { values, positionals } = parseArgs({
  options: {
    out: { type: 'string', default: fileURLToPath(new URL('../dist', import.meta.url)) },
    sourcemap: { type: 'boolean', default: false },
  },
  allowPositionals: true,
})

const bundles = await bundleFunctions({
  outDirectory: values.out,
  sourcemap: values.sourcemap,
  ...(positionals.length > 0 && { names: positionals }),
})
console.log(
  formatTable(
    ['function', 'KiB', 'at start', 'drivers', 'copied', 'ms'],
    bundles.map(({ name, bytes, startBytes, drivers, copiedPackages, durationMs }) => [
      name,
      (bytes / 1024).toFixed(0),
      (startBytes / 1024).toFixed(0),
      drivers.join(' ') || '–',
      copiedPackages.length === 0 ? '–' : `${copiedPackages.length} packages`,
      durationMs.toFixed(0),
    ]),
  ),
)
