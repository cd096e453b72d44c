import { existsSync, globSync, readFileSync } from 'node:fs'
import pg from 'pg'
import { repositoryRoot } from '../../../lib/repository-root.ts'
import { fillTables } from './fill-tables.ts'
import { findBareForeignKeys, findScans } from './find-scans.ts'
import { findUnsent } from './find-unsent.ts'
import type { SentStatement } from './sent-statement.ts'

/**
 * What is wrong with the sent statements, one line each: those that read all rows of a growing table, those that could
 * not be planned, tables without a declared size, and, `ofAllTests`, templates of SQL that no test has sent.
 */
export async function checkStatements(
  databaseUrl: string,
  recordFile: string,
  { ofAllTests }: { ofAllTests: boolean },
): Promise<{ statements: number; problems: string[] }> {
  const statements = readStatements(recordFile)
  const client = new pg.Client({ connectionString: databaseUrl })
  await client.connect()
  try {
    const { growing, unknown } = await fillTables(client)
    const { scans, unexplained } = await findScans(client, statements, growing)
    const bareKeys = await findBareForeignKeys(client, growing)
    const texts = statements.map(({ text }) => text)
    const unsent = ofAllTests ? findUnsent(repositoryRoot, findSources(), texts) : []
    return {
      statements: statements.length,
      problems: [
        ...unknown.map((table) => `${table} is neither filled nor declared small (fill-tables.ts)`),
        ...bareKeys.map((name) => `${name} has no index: a deletion would read the whole table`),
        ...scans.map(({ table, statement }) => `${table} is read as a whole by ${describe(statement)}`),
        ...unexplained.map(({ statement, error }) => `${error}: ${describe(statement)}`),
        ...unsent.map((template) => `no test sends ${template}`),
      ],
    }
  } finally {
    await client.end()
  }
}

/** The first sender of each text. */
function readStatements(recordFile: string): SentStatement[] {
  if (!existsSync(recordFile)) return []
  const lines = readFileSync(recordFile, 'utf8').split('\n').filter(Boolean)
  const byText = new Map<string, SentStatement>()
  for (const statement of lines.map((line) => JSON.parse(line) as SentStatement)) {
    if (!byText.has(statement.text)) byText.set(statement.text, statement)
  }
  return [...byText.values()]
}

// The SQL of a schema is constraints, defaults and predicates: drizzle-kit writes them into migrations, and no function sends them.
const findSources = (): string[] =>
  globSync('functions/**/*.ts', { cwd: repositoryRoot }).filter(
    (file) => !/\.test\.ts$|\/testing\/|[/-]schema\.ts$/.test(file),
  )

const describe = ({ from, text }: SentStatement) => `${from || 'a statement'}: ${text.replaceAll(/\s+/g, ' ').trim()}`
