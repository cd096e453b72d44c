import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { migratedDomains, migrationsOf, schemaFilesOf } from './migration/domains.ts'

const usage = `npm run migration -- <domain> <name> [--custom]

Writes the next migration of a domain from the difference between its schema.ts and its last migration.
  --custom   an empty one, for what schema.ts cannot say: views, grants, functions, triggers, rows

Domains: ${migratedDomains.join(', ')}`

const { values, positionals } = parseArgs({
  options: { custom: { type: 'boolean', default: false } },
  allowPositionals: true,
})
const domain = migratedDomains.find((known) => known === positionals[0])
const name = positionals[1]
if (!domain || !name || !/^[a-z0-9_]+$/.test(name)) {
  console.error(usage)
  process.exitCode = 2
} else {
  const { status } = spawnSync(
    'drizzle-kit',
    [
      'generate',
      '--dialect=postgresql',
      `--schema={${schemaFilesOf(domain).join(',')},}`,
      `--out=${migrationsOf(domain)}`,
      `--name=${name}`,
      ...(values.custom ? ['--custom'] : []),
    ],
    { cwd: fileURLToPath(new URL('..', import.meta.url)), stdio: 'inherit' },
  )
  process.exitCode = status ?? 1
}
