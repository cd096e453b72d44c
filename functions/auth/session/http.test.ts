import { afterAll } from 'vitest'
import { startTestParts, type TestParts } from '../../../scripts/local/testing/test-parts.ts'
import type { Person } from '../../_lib/access/access-token.ts'
import { describeHttpFunction } from '../../_lib/testing/http-suite.ts'
import { hashSecret } from '../refresh-token.ts'
import { start } from './main.ts'

let parts: TestParts | undefined
afterAll(() => parts?.close())

const refreshToken = (person: Person) =>
  Buffer.from(person.sessionId.replaceAll('-', '').padEnd(64, '0'), 'hex').toString('base64url')

/** A session of the person, as a login makes it. */
async function openSession(person: Person): Promise<void> {
  const query = parts?.database.query
  await query?.('insert into auth.accounts (user_id, display_name) values ($1, $2)', [person.userId, '사람'])
  await query?.(
    `insert into auth.sessions (session_id, user_id, provider, ends_at) values ($1, $2, 'kakao', now() + interval '60 days')`,
    [person.sessionId, person.userId],
  )
  await query?.(
    `insert into auth.refresh_tokens (token_hash, session_id, expires_at) values ($1, $2, now() + interval '14 days')`,
    [hashSecret(refreshToken(person)), person.sessionId],
  )
}

describeHttpFunction({
  name: 'auth-session',
  start,
  environment: async () => {
    parts = await startTestParts()
    return {
      ...parts.environmentOf('auth'),
      REFRESH_TOKEN_KEY: 'a key for tests that is long enough',
      REFRESHES_PER_MINUTE_MAX: '10000',
    }
  },
  requests: [
    {
      method: 'POST',
      path: '/api/v1/auth/refresh',
      public: true,
      shared: true,
      body: { refresh_token: 'x'.repeat(43) },
      arrange: async (person) => {
        await openSession(person)
        return { body: { refresh_token: refreshToken(person) } }
      },
    },
    {
      method: 'POST',
      path: '/api/v1/auth/logout',
      public: true,
      shared: true,
      body: {},
      status: 204,
      statusWithoutDatabase: 204,
    },
    {
      method: 'GET',
      path: '/api/v1/auth/me',
      shared: true,
      arrange: async (person) => {
        await openSession(person)
        return {}
      },
    },
    { method: 'GET', path: '/api/v1/auth/sessions' },
    {
      method: 'DELETE',
      path: '/api/v1/auth/sessions/:session_id',
      status: 204,
      arrange: async (person) => {
        await openSession(person)
        return { parameters: { session_id: person.sessionId } }
      },
    },
    { method: 'GET', path: '/.well-known/jwks.json', public: true, statusWithoutDatabase: 200 },
  ],
})
