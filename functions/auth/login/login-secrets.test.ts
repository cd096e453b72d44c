import { randomBytes } from 'node:crypto'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { startRedisServer } from '../../../scripts/local/servers/redis-server/start-redis-server.ts'
import { type LoginSimulator, startLoginSimulator } from '../../../scripts/local/simulators/login/login-simulator.ts'
import { createTestDatabase, type TestDatabase } from '../../../scripts/local/testing/test-database.ts'
import { spawnFunction } from '../../_lib/testing/run-function.ts'
import { createTestKeys } from '../../_lib/testing/test-keys.ts'
import { providers } from '../provider.ts'
import { createLoginClient, type LoggedInBody } from './testing/login-client.ts'
import { testTokenKeys } from './testing/token-keys.ts'

const redirectUri = 'http://127.0.0.1/growbin/callback'
const clientSecret = 'canary-client-secret'
/** The prefix of every code, access token and refresh token of the providers. */
const canary = 'canary-of-the-provider'

let database: TestDatabase
let redis: Awaited<ReturnType<typeof startRedisServer>>
let simulators: LoginSimulator[]
beforeAll(async () => {
  const randomToken = () => `${canary}-${randomBytes(24).toString('base64url')}`
  simulators = await Promise.all(
    providers.map((provider) => startLoginSimulator({ provider, clientId: 'growbin-test', clientSecret, randomToken })),
  )
  ;[database, redis] = await Promise.all([createTestDatabase(), startRedisServer()])
})
afterAll(async () => {
  await Promise.all([redis?.close(), database?.close(), ...(simulators ?? []).map((one) => one.close())])
})

// A child process and 15 logins: 2 s on an idle machine, eight times that on a busy one.
it('L9: codes, tokens and secrets of a provider are neither returned nor logged nor stored in plain text, in successful and refused logins', {
  timeout: 60_000,
}, async () => {
  const login = await spawnFunction('auth-login', await environment())
  const request = (path: string, init: RequestInit) => fetch(login.url + path, init)
  const client = createLoginClient({ request }, redirectUri)
  const answers: string[] = []
  const ownTokens: string[] = []
  for (const [index, provider] of providers.entries()) {
    for (const idTokenFault of [null, 'wrong_audience', 'bad_signature'] as const) {
      simulators[index]?.control.set({ idTokenFault })
      const response = await client.signIn(provider, 'somebody')
      const answer = await response.text()
      answers.push(answer)
      expect(response.status).toBe(idTokenFault ? 401 : 200)
      if (!idTokenFault) {
        const body = JSON.parse(answer) as LoggedInBody
        ownTokens.push(body.access_token, body.refresh_token)
      }
    }
    const body = await client.authorize(await client.begin(provider), 'somebody')
    answers.push(await (await client.post(provider, { ...body, code: `${canary}-made-up` })).text())
    simulators[index]?.control.set({ down: ['token'] })
    answers.push(await (await client.signIn(provider, 'somebody')).text())
  }
  expect(await login.stop()).toBe(0)

  const log = login.lines.join('\n')
  expect(login.lines.filter((line) => line.includes('A login was refused'))).toHaveLength(9)
  const stored = await readAllTables()
  expect(stored).toContain('somebody (simulated)')
  for (const [place, text] of Object.entries({ log, stored, answers: answers.join('\n') })) {
    for (const secret of [canary, clientSecret]) {
      expect(text.includes(secret), `${place} hold "${secret}"`).toBe(false)
      expect(text.includes(Buffer.from(secret).toString('hex')), `${place} hold "${secret}" in hex`).toBe(false)
    }
  }
  // The beginning of every JWT: ours may be only in a response.
  expect(log).not.toContain('eyJ')
  expect(stored).not.toContain('eyJ')
  for (const token of ownTokens) {
    expect(log).not.toContain(token)
    expect(stored).not.toContain(token)
    expect(stored).not.toContain(Buffer.from(token).toString('hex'))
  }
  const issued = answers.join('\n').match(/eyJ[\w-]+\.[\w-]+\.[\w-]+/g)
  expect(issued).toEqual(ownTokens.filter((token) => token.startsWith('eyJ')))
})

async function environment(): Promise<Record<string, string>> {
  return {
    DATABASE_URL: database.urlOf('auth'),
    REDIS_URL: redis.url,
    AUTH_SIGNING_KEY: JSON.stringify((await createTestKeys()).signingJwk),
    LOGIN_PROVIDERS: JSON.stringify(
      Object.fromEntries(
        providers.map((provider, index) => [
          provider,
          { issuer: simulators[index]?.issuer, client_id: 'growbin-test', client_secret: clientSecret },
        ]),
      ),
    ),
    PROVIDER_TOKEN_KEYS: testTokenKeys,
    LOGIN_REDIRECT_URIS: JSON.stringify([redirectUri]),
    LOGINS_PER_MINUTE_MAX: '10000',
    LOGINS_OF_IDENTITY_PER_MINUTE_MAX: '10000',
  }
}

/** Every row of every table as text; bytes are in hex. */
async function readAllTables(): Promise<string> {
  const tables = await database.query<{ name: string }>(
    `select format('%I.%I', schemaname, tablename) as name from pg_tables
     where schemaname not in ('pg_catalog', 'information_schema')`,
  )
  const rows = await Promise.all(
    tables.map(({ name }) => database.query<{ row: string }>(`select t::text as row from ${name} t`)),
  )
  return rows
    .flat()
    .map(({ row }) => row)
    .join('\n')
}
