import { randomBytes, randomUUID } from 'node:crypto'
import type { TestDatabase } from '../../../_lib/testing/test-backends.ts'
import { hashSecret } from '../../refresh-token.ts'

export type OpenedTestSession = { sessionId: string; userId: string; refreshToken: string }

/** Inserts a session with one live refresh token, as a login does. Without `userId` it is of a new person. */
export async function openTestSession(
  database: Pick<TestDatabase, 'query'>,
  options: { userId?: string; deviceId?: string } = {},
): Promise<OpenedTestSession> {
  const userId = options.userId ?? randomUUID()
  const sessionId = randomUUID()
  const refreshToken = randomBytes(32).toString('base64url')
  await database.query('insert into auth.accounts (user_id, display_name) values ($1, $2) on conflict do nothing', [
    userId,
    '지민',
  ])
  await database.query(
    `insert into auth.sessions (session_id, user_id, provider, device_hash, ends_at)
     values ($1, $2, 'kakao', $3, now() + interval '60 days')`,
    [sessionId, userId, options.deviceId === undefined ? null : hashSecret(options.deviceId)],
  )
  await database.query(
    `insert into auth.refresh_tokens (token_hash, session_id, expires_at) values ($1, $2, now() + interval '14 days')`,
    [hashSecret(refreshToken), sessionId],
  )
  return { sessionId, userId, refreshToken }
}
