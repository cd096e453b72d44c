import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type MigratedDomain, migrationsOf } from './domains.ts'

export type Migration = {
  domain: MigratedDomain
  /** The name of its file: `0001_views`. */
  tag: string
  statements: readonly string[]
  /** SHA-256 of the file in hex: a file that was applied is never edited. */
  hash: string
  /** When it was written, in milliseconds since 1970. */
  madeAt: number
}

type Journal = { entries: { tag: string; when: number }[] }

/** The migrations of a domain in their order; `root` is the folder that holds `functions`. */
export async function readMigrations(root: string, domain: MigratedDomain): Promise<Migration[]> {
  const folder = join(root, migrationsOf(domain))
  if (!existsSync(folder)) return []
  const journal = JSON.parse(await readFile(join(folder, 'meta/_journal.json'), 'utf8')) as Journal
  return Promise.all(
    journal.entries.map(async ({ tag, when }) => {
      const text = await readFile(join(folder, `${tag}.sql`), 'utf8')
      const statements = text.split('--> statement-breakpoint')
      return { domain, tag, statements, hash: createHash('sha256').update(text).digest('hex'), madeAt: when }
    }),
  )
}
