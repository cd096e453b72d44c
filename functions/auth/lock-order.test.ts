import { randomBytes, randomUUID } from 'node:crypto'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { createTestDatabase, type TestDatabase } from '../../scripts/local/testing/test-database.ts'
import { createSealer } from '../_lib/access/seal-text.ts'
import { createUuidV7 } from '../_lib/http/uuid.ts'
import { type Database, openDatabase } from '../_lib/stores/database.pg.ts'
import { silentLog } from '../_lib/testing/silent-log.ts'
import { createSessionOpener } from './login/open-session.pg.ts'
import { hashSecret } from './refresh-token.ts'
import { createTokenSessionEnder } from './session/store/end-session-of-token.pg.ts'
import { createSessionRecords } from './session/store/session-record.pg.ts'
import { createTokenSpender } from './session/store/spend-token.pg.ts'
import { createAccountCloser } from './tasks/close-account.pg.ts'
import { createAuthExpirer } from './tasks/expire-auth.pg.ts'
import { createAccountForgetter } from './tasks/forget-account.pg.ts'
import { createProfileSyncs } from './tasks/profile-syncs.pg.ts'

const devices = ['phone', 'tablet', 'watch']
const concurrency = 4
const rounds = 4

let testDatabase: TestDatabase
let database: Database
beforeAll(async () => {
  testDatabase = await createTestDatabase()
  // PostgreSQL then reports a deadlock after 20 ms instead of 1 s, so that many rounds fit into a test.
  await testDatabase.query(
    `do $$ begin execute format('alter database %I set deadlock_timeout = ''20ms''', current_database()); end $$`,
  )
  database = openDatabase({ url: testDatabase.urlOf('auth'), log: silentLog, connectionsMax: 2 * concurrency })
})
afterAll(async () => {
  await database?.close()
  await testDatabase?.close()
})

type Person = {
  userId: string
  subject: string
  syncId: string
  sessions: { sessionId: string; token: string; device: string }[]
}

const now = () => new Date()
const sealer = createSealer({ current: 'test', keys: { test: Buffer.alloc(32, 'a key for tests') } })

async function signIn(subject: string, device: string) {
  const token = randomBytes(32).toString('base64url')
  const openSession = createSessionOpener({ database, createId: createUuidV7, sealer, now })
  const account = await openSession({
    provider: 'naver',
    identity: { subject, displayName: undefined, tokens: { accessToken: 'a', expiresSeconds: 60 } },
    client: 'app',
    deviceHash: hashSecret(device),
    refreshTokenHash: hashSecret(token),
  })
  return { ...account, token, device }
}

/** A person who is signed in on three devices and has three expired sessions. */
async function createPerson(): Promise<Person> {
  const subject = randomUUID()
  const sessions = []
  for (const device of devices) {
    sessions.push(await signIn(subject, `expired ${device}`))
  }
  const [first] = sessions
  if (!first) throw new Error('No session was opened')
  await testDatabase.query(
    `update auth.sessions set created_at = created_at - interval '91 days', ends_at = now() - interval '31 days'
     where user_id = $1`,
    [first.userId],
  )
  for (const device of devices) sessions.push(await signIn(subject, device))
  const [sync] = await testDatabase.query<{ sync_id: string }>(
    'select sync_id from auth.profile_syncs where user_id = $1',
    [first.userId],
  )
  return { userId: first.userId, subject, syncId: sync?.sync_id ?? '', sessions }
}

/** The sessions rotated by `count`, so that concurrent actions lock them in different orders. */
const rotated = (person: Person, count: number) => [
  ...person.sessions.slice(count % person.sessions.length),
  ...person.sessions.slice(0, count % person.sessions.length),
]

const actions: Record<string, (person: Person, count: number) => Promise<unknown>> = {
  login: (person, count) => signIn(person.subject, devices[count % devices.length] ?? ''),
  refresh: async (person, count) => {
    for (const { token, device } of rotated(person, count)) {
      await createTokenSpender(database)({
        refreshesPerHourMax: 1_000_000,
        tokenHash: hashSecret(token),
        successorHash: randomBytes(32),
        deviceHash: hashSecret(device),
      })
    }
  },
  logout: async (person, count) => {
    for (const { token } of rotated(person, count)) await createTokenSessionEnder(database)(hashSecret(token))
  },
  'end session': async (person, count) => {
    for (const { sessionId } of rotated(person, count)) {
      await createSessionRecords(database).end(sessionId, person.userId, 'revoked')
    }
  },
  'sync profile': ({ syncId }) =>
    createProfileSyncs({ database, sealer, log: silentLog, now }).saveProfile(syncId, {
      displayName: '지민',
      pictureUrl: undefined,
    }),
  'close account': ({ userId }) => createAccountCloser(database, { batchRows: 2 })(userId),
  'forget account': ({ userId }) =>
    createAccountForgetter({ database, createId: createUuidV7, traceparent: () => '', now, batchRows: 2 })(userId),
  'clean up': () => createAuthExpirer(database, { batchRows: 2 })(),
}

const names = Object.keys(actions)
const pairs = names.flatMap((name, index) => names.slice(index).map((other) => [name, other] as const))

it.each(pairs)('"%s" and "%s" of one person never deadlock', async (one, other) => {
  for (let round = 0; round < rounds; round += 1) {
    const person = await createPerson()
    const ended = await Promise.allSettled(
      Array.from({ length: concurrency }, (_, count) => [
        actions[one]?.(person, count),
        actions[other]?.(person, count + 1),
      ]).flat(),
    )
    expect(ended.filter(({ status }) => status === 'rejected')).toEqual([])
  }
})
