import { join } from 'node:path'
import { migratedDomains, migrationsOf } from '../domains.ts'
import { readMigrations } from '../read-migrations.ts'
import { findBreakingStatements } from './find-breaking.ts'

/** The first deployment starts on a database that has nothing, with every domain's migrations up to this number. */
const firstDeployment = '0001'

/** Migrations that a running version of the functions would not survive. */
export async function findBreakingMigrations(repository: string): Promise<string[]> {
  const problems = migratedDomains.map(async (domain) => {
    const later = (await readMigrations(repository, domain)).filter(({ tag }) => tag.slice(0, 4) > firstDeployment)
    return later.flatMap(({ tag, statements }) =>
      findBreakingStatements(join(migrationsOf(domain), `${tag}.sql`), statements.join('--> statement-breakpoint')),
    )
  })
  return (await Promise.all(problems)).flat()
}
