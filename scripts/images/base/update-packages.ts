import { execFile } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import pinned from './packages.json' with { type: 'json' }

// Pins the packages of the base layer to the newest versions that apt knows here: node scripts/images/base/update-packages.ts
const run = promisify(execFile)

const packages: string[] = []
for (const { name, version, architecture } of pinned.packages) {
  const field = async (wanted: string) => {
    const { stdout } = await run('apt-cache', ['show', '--no-all-versions', `${name}:${pinned.architecture}`])
    const found = new RegExp(`^${wanted}: (.+)$`, 'm').exec(stdout)?.[1]
    if (!found) throw new Error(`apt knows no ${wanted} of the package "${name}"; run "apt-get update"`)
    return found
  }
  const next = { name, version: await field('Version'), architecture, sha256: await field('SHA256') }
  if (next.version !== version) console.log(`${name}: ${version} -> ${next.version}`)
  packages.push(
    `    { ${Object.entries(next)
      .map(([key, value]) => `"${key}": ${JSON.stringify(value)}`)
      .join(', ')} }`,
  )
}
const head = `{\n  "distribution": ${JSON.stringify(pinned.distribution)},\n  "architecture": ${JSON.stringify(pinned.architecture)},`
await writeFile(
  join(import.meta.dirname, 'packages.json'),
  `${head}\n  "packages": [\n${packages.join(',\n')}\n  ]\n}\n`,
)
