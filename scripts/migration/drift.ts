import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import { generateDrizzleJson } from 'drizzle-kit/api'
import { migratedDomains, migrationsOf, schemaFilesOf } from './domains.ts'

type Snapshot = ReturnType<typeof generateDrizzleJson>
type Described = Pick<Snapshot, 'tables'>

/** What is described differently from what the last migration made, or made by none. */
export function compareSchemas(described: Described, migrated: Described): string[] {
  const names = [...new Set([...Object.keys(described.tables), ...Object.keys(migrated.tables)])]
  return names.filter((name) => !isDeepStrictEqual(described.tables[name], migrated.tables[name])).sort()
}

/** Domains whose `schema.ts` describes other tables than their migrations make. */
export async function findSchemaDrift(repository: string): Promise<string[]> {
  const domains = migratedDomains.filter((domain) => existsSync(join(repository, `functions/${domain}/schema.ts`)))
  const problems = domains.map(async (domain) => {
    const files = schemaFilesOf(domain)
    const described = await Promise.all(files.map((file) => import(join(repository, file)) as Promise<object>))
    // As JSON, since a snapshot leaves out what is undefined.
    const tables = JSON.parse(JSON.stringify(generateDrizzleJson(Object.assign({}, ...described)))) as Snapshot
    const differences = compareSchemas(tables, await readLastSnapshot(join(repository, migrationsOf(domain))))
    return differences.length === 0
      ? []
      : `${files.join(' and ')}: ${differences.join(', ')} differ from the last migration; run "npm run migration -- ${domain} <name>"`
  })
  return (await Promise.all(problems)).flat()
}

async function readLastSnapshot(folder: string): Promise<Described> {
  if (!existsSync(folder)) return { tables: {} }
  const journal = JSON.parse(await readFile(join(folder, 'meta/_journal.json'), 'utf8')) as {
    entries: { idx: number }[]
  }
  const last = String(journal.entries.at(-1)?.idx).padStart(4, '0')
  return JSON.parse(await readFile(join(folder, `meta/${last}_snapshot.json`), 'utf8')) as Snapshot
}
