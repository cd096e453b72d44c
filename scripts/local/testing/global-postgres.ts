import type { TestProject } from 'vitest/node'
import { migrateAll } from '../platform/migrate.ts'
import { seed } from '../platform/seed.ts'
import { acquireTestPostgres } from '../servers/test-postgres.ts'
import { templateName } from './test-database.ts'

declare module 'vitest' {
  export interface ProvidedContext {
    postgresUrl: string
  }
}

/** One PostgreSQL for the whole run, with a migrated database that each test file gets a copy of. */
export default async function startGlobalPostgres(project: TestProject): Promise<() => Promise<void>> {
  const postgres = await acquireTestPostgres()
  await postgres.createTemplate(templateName, async (url) => {
    await migrateAll(url)
    await seed(url)
  })
  project.provide('postgresUrl', postgres.url)
  return postgres.close
}
