import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import * as z from 'zod'
import { parseConfig, readEnvironment } from '../../functions/_lib/process/config.ts'
import { planMigrations } from './plan.ts'
import { prepareDatabase } from './prepare-database.ts'

const usage = `node migrate.mjs [--plan]

Prepares the database at DATABASE_URL: roles and tables of every domain, and the rule base. Run before a new version of the
functions, any number of times, also at the same time: one runs and the others wait, at most LOCK_TIMEOUT_MS (60000).

  --plan   prints the migrations that would be applied, and changes nothing`

const configSchema = z.object({
  DATABASE_URL: z.url(),
  LOCK_TIMEOUT_MS: z.coerce.number().int().nonnegative().default(60_000),
})

// In an image the migrations lie beside the program; here they are where they are written.
const beside = import.meta.dirname
const root = existsSync(join(beside, 'functions')) ? beside : join(beside, '../..')

async function run(): Promise<void> {
  const { values } = parseArgs({
    options: { plan: { type: 'boolean', default: false }, help: { type: 'boolean', default: false } },
  })
  if (values.help) return console.log(usage)
  const { DATABASE_URL, LOCK_TIMEOUT_MS } = parseConfig(configSchema, readEnvironment())
  if (values.plan) {
    const names = await planMigrations(DATABASE_URL, { root })
    console.log(names.length === 0 ? 'nothing to apply' : `to apply:\n${names.map((name) => `  ${name}`).join('\n')}`)
    return
  }
  const startedMs = performance.now()
  await prepareDatabase(DATABASE_URL, { root, lockTimeoutMs: LOCK_TIMEOUT_MS, report: (line) => console.log(line) })
  console.log(`the database is up to date after ${((performance.now() - startedMs) / 1000).toFixed(1)} s`)
}

if (import.meta.main) {
  try {
    await run()
  } catch (error) {
    console.error(`The database was not migrated: ${(error as Error).message}`)
    process.exitCode = 1
  }
}
