import { randomBytes } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { sql } from 'drizzle-orm'
import pg from 'pg'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { createTestDatabase, type TestDatabase } from '../../../scripts/local/testing/test-database.ts'
import { roleOf, urlForDomain } from '../../../scripts/migration/domain-roles.ts'
import { silentLog as log } from '../testing/silent-log.ts'
import { type Database, openDatabase } from './database.pg.ts'

// Logins belong to the server, which other test files use at the same time.
const suffix = randomBytes(4).toString('hex')
const logins = { a: `growbin_waste_a_${suffix}`, b: `growbin_waste_b_${suffix}` }
const role = roleOf('waste')

let server: TestDatabase
let open: Database[]

beforeEach(async () => {
  server = await createTestDatabase()
  open = []
  for (const login of Object.values(logins)) {
    await server.query(`create role ${login} login password null`)
    await server.query(`grant ${role} to ${login} with set true, inherit false`)
  }
})
afterEach(async () => {
  await Promise.all(open.map((database) => database.close()))
  for (const login of Object.values(logins)) {
    await server.query(`select pg_terminate_backend(pid) from pg_stat_activity where usename = '${login}'`)
    await server.query(`drop role ${login}`)
  }
  await server.close()
})

const setPassword = (login: string, password: string) => server.query(`alter role ${login} password '${password}'`)

function urlOf(login: string, password: string): string {
  return urlForDomain(Object.assign(new URL(server.url), { username: login, password }).href, 'waste')
}

const countJobs = (database: Database) =>
  database.run((db) => db.execute(sql`select count(*) from (select from waste.jobs limit 10) as ten`))

function openInstance(url: string): Database {
  const database = openDatabase({ url, log, connectionsMax: 2 })
  open.push(database)
  return database
}

async function countJobsOnce(url: string): Promise<void> {
  const database = openDatabase({ url, log, connectionsMax: 1 })
  await countJobs(database).finally(database.close)
}

/** A revision of a function, each of whose instances has read its Secret once, at its start. */
function startRevision(url: string) {
  const first = openInstance(url)
  const underWay = new Set<Promise<unknown>>()
  const track = (work: Promise<unknown>) => {
    underWay.add(work)
    return work.finally(() => underWay.delete(work))
  }
  return {
    /** By the instance that runs, and by one that is started for this request and opens a connection of its own. */
    ask: () => track(Promise.all([countJobs(first), countJobsOnce(url)])),
    stop: async () => {
      await Promise.allSettled(underWay)
      open.splice(open.indexOf(first), 1)
      await first.close()
    },
  }
}

it('takes the password of the other login under load without refusing a statement, again and again', async () => {
  await setPassword(logins.a, 'first')
  let serving = startRevision(urlOf(logins.a, 'first'))
  let asked = 0
  let stopped = false
  const refused: unknown[] = []
  const load = Promise.all(
    [1, 2].map(async () => {
      while (!stopped) {
        await serving.ask().catch((error: unknown) => refused.push(error))
        asked += 1
      }
    }),
  )
  for (const [round, login] of [logins.b, logins.a, logins.b].entries()) {
    const before = serving
    const password = `password-${round}`
    // 1: the login that nobody uses gets a new password. 2: the Secret names it, and a new revision takes the requests.
    await setPassword(login, password)
    serving = startRevision(urlOf(login, password))
    const askedThen = asked
    while (asked < askedThen + 10) await sleep(5)
    // 3: the last process of the old revision has stopped, and the old login has no password any more.
    await before.stop()
    await server.query(`alter role ${login === logins.a ? logins.b : logins.a} password null`)
  }
  stopped = true
  await load
  expect(refused.map((error) => (error as Error).message)).toEqual([])
  expect(asked).toBeGreaterThanOrEqual(30)
}, 60_000)

it('refuses the old login when its password is gone, and a connection to a role of another domain', async () => {
  await setPassword(logins.a, 'first')
  const revision = openInstance(urlOf(logins.a, 'first'))
  await countJobs(revision)
  await setPassword(logins.a, 'changed under a running revision')
  // What is open stays open: PostgreSQL asks for a password only when a connection begins.
  await countJobs(revision)
  await expect(countJobs(openInstance(urlOf(logins.a, 'first')))).rejects.toMatchObject({ code: '28P01' })

  const foreign = new pg.Client({ connectionString: server.url })
  await foreign.connect()
  try {
    await foreign.query(`set session authorization ${logins.a}`)
    await expect(foreign.query('set role growbin_auth')).rejects.toMatchObject({ code: '42501' })
  } finally {
    await foreign.end()
  }
}, 60_000)
