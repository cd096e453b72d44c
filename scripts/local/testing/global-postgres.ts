import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestProject } from 'vitest/node'
import { prepareDatabase } from '../../migration/prepare-database.ts'
import { insertSamples } from '../platform/parts/sample-points.ts'
import { acquireTestPostgres } from '../servers/test-postgres.ts'
import { checkStatements } from './statements/check-statements.ts'
import { templateName } from './test-database.ts'

declare module 'vitest' {
  export interface ProvidedContext {
    postgresUrl: string
    /** Where each test file appends the statements that it has sent. */
    statementsFile: string
  }
}

/** A run of at least this many files is complete: fewer do not send every statement. */
const filesOfAllTests = 150

/**
 * One PostgreSQL for the whole run, with a migrated database that each test file copies. At the end of a run of all unit
 * tests, or with `CHECK_STATEMENTS`, the statements that were sent are planned against full tables; and at the end of a run of all,
 * or with `CHECK_STATEMENTS=all`, a template of SQL that no test has sent is a failure too.
 */
export default async function startGlobalPostgres(project: TestProject): Promise<() => Promise<void>> {
  const postgres = await acquireTestPostgres()
  const directory = await mkdtemp(join(tmpdir(), 'growbin-statements-'))
  const statementsFile = join(directory, 'statements.jsonl')
  await postgres.createTemplate(templateName, async (url) => {
    await prepareDatabase(url)
    await insertSamples(url)
  })
  project.provide('postgresUrl', postgres.url)
  project.provide('statementsFile', statementsFile)
  return async () => {
    try {
      const files = project.vitest.state.getFiles().filter((file) => file.projectName === project.name)
      const ofAllTests = project.name === 'unit' && files.length >= filesOfAllTests
      if (ofAllTests || process.env.CHECK_STATEMENTS !== undefined) {
        const { url } = await postgres.createTestDatabase('statements', templateName)
        const { statements, problems } = await checkStatements(url, statementsFile, {
          ofAllTests: ofAllTests || process.env.CHECK_STATEMENTS === 'all',
        })
        console.log(`${statements} statements were planned against full tables`)
        if (problems.length > 0) throw new Error(['Statements and full tables:', ...problems].join('\n- '))
      }
    } finally {
      await rm(directory, { recursive: true, force: true })
      await postgres.close()
    }
  }
}
