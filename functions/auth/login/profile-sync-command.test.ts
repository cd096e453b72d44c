import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { startRedisServer } from '../../../scripts/local/servers/redis-server/start-redis-server.ts'
import { type LoginSimulator, startLoginSimulator } from '../../../scripts/local/simulators/login/login-simulator.ts'
import { createTestDatabase, type TestDatabase } from '../../../scripts/local/testing/test-database.ts'
import { createSealer, SealError } from '../../_lib/access/seal-text.ts'
import type { FunctionInstance } from '../../_lib/process/serve.ts'
import { createTestKeys } from '../../_lib/testing/test-keys.ts'
import { readConfig } from '../../_lib/variables/variable.ts'
import { type Provider, providers } from '../provider.ts'
import { openTokens } from '../provider-tokens.ts'
import spec from './function.ts'
import { start } from './main.ts'
import { createLoginClient, type LoggedInBody } from './testing/login-client.ts'
import { testTokenKeys } from './testing/token-keys.ts'

const redirectUri = 'http://127.0.0.1/growbin/callback'
const secret = { clientId: 'growbin-test', clientSecret: 'the-secret' }

let database: TestDatabase
let redis: Awaited<ReturnType<typeof startRedisServer>>
let simulators: LoginSimulator[]
let login: FunctionInstance
let client: ReturnType<typeof createLoginClient>
let environment: Record<string, string>

beforeAll(async () => {
  simulators = await Promise.all(providers.map((provider) => startLoginSimulator({ provider, ...secret })))
  ;[database, redis] = await Promise.all([createTestDatabase(), startRedisServer()])
  environment = {
    LOG_LEVEL: 'fatal',
    DATABASE_URL: database.urlOf('auth'),
    REDIS_URL: redis.url,
    AUTH_SIGNING_KEY: JSON.stringify((await createTestKeys()).signingJwk),
    LOGIN_PROVIDERS: JSON.stringify(
      Object.fromEntries(
        providers.map((provider, index) => [
          provider,
          { issuer: simulators[index]?.issuer, client_id: secret.clientId, client_secret: secret.clientSecret },
        ]),
      ),
    ),
    LOGIN_REDIRECT_URIS: JSON.stringify([redirectUri]),
    PROVIDER_TOKEN_KEYS: testTokenKeys,
    LOGINS_PER_MINUTE_MAX: '10000',
    LOGINS_OF_IDENTITY_PER_MINUTE_MAX: '10000',
  }
  login = await start(environment)
  client = createLoginClient(login.app, redirectUri)
})
beforeEach(() => database.query('truncate auth.accounts cascade; truncate events.outbox'))
afterAll(async () => {
  await login?.close()
  await Promise.all([redis?.close(), database?.close(), ...(simulators ?? []).map((one) => one.close())])
})

const signIn = async (provider: Provider, name: string) => {
  const response = await client.signIn(provider, name)
  expect(response.status).toBe(200)
  return ((await response.json()) as LoggedInBody).user.user_id
}
const commands = () =>
  database.query<{ event: { id: string; data: { sync_id: string } }; is_due: boolean }>(
    `select event, sent_at is null and next_at <= now() as is_due from events.outbox order by outbox_id`,
  )
const syncs = () =>
  database.query<{ sync_id: string; event_id: string; user_id: string }>(
    'select sync_id, event_id, user_id from auth.profile_syncs',
  )
type TokenRow = { subject: string; sealed: Buffer; access_seconds: number; kept_seconds: number }
const tokens = () =>
  database.query<TokenRow>(
    `select subject, sealed, extract(epoch from access_expires_at - now())::float8 as access_seconds,
       extract(epoch from kept_until - now())::float8 as kept_seconds from auth.provider_tokens`,
  )

describe.each(providers)('a login with %s', (provider) => {
  it('requests a profile sync by a command that holds only an id and is due at once', async () => {
    const userId = await signIn(provider, 'sync')
    const [sync] = await syncs()
    expect(sync?.user_id).toBe(userId)
    expect(await commands()).toEqual([
      {
        event: expect.objectContaining({
          id: sync?.event_id,
          type: 'app.growbin.api.profile.sync.v1',
          source: '/growbin/auth-login',
          subject: sync?.sync_id,
          data: { sync_id: sync?.sync_id },
          extensions: { queue: 'api', traceparent: expect.any(String) },
        }),
        is_due: true,
      },
    ])
  })

  it('again replaces the sync of the earlier login', async () => {
    await signIn(provider, 'again')
    const [first] = await syncs()
    await signIn(provider, 'again')
    const [second, ...others] = await syncs()
    expect(others).toEqual([])
    expect(second?.sync_id).not.toBe(first?.sync_id)
    expect((await commands()).map(({ event }) => event.data.sync_id)).toEqual([first?.sync_id, second?.sync_id])
  })

  it('that is rolled back requests no sync and stores no tokens', async () => {
    await database.query(
      `create or replace function refuse() returns trigger language plpgsql as $$ begin raise exception 'no'; end $$`,
    )
    await database.query('create trigger refused before insert on events.outbox for each row execute function refuse()')
    try {
      expect((await client.signIn(provider, 'refused')).status).toBe(500)
    } finally {
      await database.query('drop trigger refused on events.outbox')
    }
    expect([await commands(), await syncs(), await tokens()]).toEqual([[], [], []])
    expect(await database.query('select from auth.accounts')).toEqual([])
  })
})

describe('tokens of the provider', () => {
  it('of Kakao are never stored, since its admin key suffices', async () => {
    await signIn('kakao', 'no tokens')
    expect(await tokens()).toEqual([])
  })

  it.each(['naver', 'google'] as const)(
    'of %s are stored for 30 minutes, sealed for this identity alone',
    async (provider) => {
      await signIn(provider, 'sealed')
      const [row, ...others] = await tokens()
      if (!row) throw new Error('No tokens are stored')
      expect(others).toEqual([])
      expect(row.kept_seconds).toBeGreaterThan(1_700)
      expect(row.kept_seconds).toBeLessThanOrEqual(1_800)
      expect(row.access_seconds).toBeGreaterThan(3_400)
      expect(row.access_seconds).toBeLessThanOrEqual(3_600)
      const sealer = createSealer(readConfig(spec.variables, environment).PROVIDER_TOKEN_KEYS)
      const opened = openTokens(sealer, { provider, subject: row.subject }, row.sealed)
      // Google issues a refresh token only for offline access, which is not requested.
      expect(opened).toEqual({
        accessToken: expect.any(String),
        refreshToken: provider === 'naver' ? expect.any(String) : undefined,
      })
      expect(() => openTokens(sealer, { provider, subject: 'somebody else' }, row.sealed)).toThrow(SealError)
    },
  )

  it('of a later login replace those of the earlier one', async () => {
    await signIn('naver', 'replaced')
    const [first] = await tokens()
    await signIn('naver', 'replaced')
    const [second, ...others] = await tokens()
    expect(others).toEqual([])
    expect(first && second?.sealed.equals(first.sealed)).toBe(false)
  })

  it('are not required for a login: without them only the profile sync is left out', async () => {
    const [, , google] = simulators
    const begun = await client.begin('google')
    const { code } = await client.authorize(begun, 'by id token')
    const exchanged = await fetch(`${google?.url}/token`, {
      method: 'POST',
      body: new URLSearchParams({
        grant_type: 'authorization_code',
        client_id: secret.clientId,
        client_secret: secret.clientSecret,
        redirect_uri: redirectUri,
        code,
        code_verifier:
          (
            await database.query<{ code_verifier: string }>(
              'select code_verifier from auth.login_attempts where login_attempt_id = $1',
              [begun.login_attempt_id],
            )
          )[0]?.code_verifier ?? '',
      }),
    })
    const { id_token: idToken } = (await exchanged.json()) as { id_token: string }
    const response = await client.post('google', {
      kind: 'id_token',
      login_attempt_id: begun.login_attempt_id,
      id_token: idToken,
    })
    expect(response.status).toBe(200)
    expect([await commands(), await syncs(), await tokens()]).toEqual([[], [], []])
  })
})
