import type { Person } from '../../_lib/access/access-token.ts'
import type { Logger } from '../../_lib/process/log.ts'
import { hashSecret, refreshTokenPattern } from '../refresh-token.ts'

export type LogoutDeps = {
  /** Ends the session of a refresh token, spent or not. Resolves to the session id, and to undefined for an unknown token. */
  endSessionOfToken: (tokenHash: Buffer) => Promise<string | undefined>
  endSession: (sessionId: string, userId: string, reason: string) => Promise<boolean>
  /** Deletes the copy of a session. */
  forgetCopy: (sessionId: string) => Promise<void>
  log: Logger
}

/** Ends the sessions of both tokens. Succeeds without any, so that a logout never fails for its caller. */
export async function logout(
  deps: LogoutDeps,
  input: { refreshToken: string | undefined; person: Person | undefined },
): Promise<void> {
  const { refreshToken } = input
  // A malformed token needs no query.
  const byToken =
    refreshToken !== undefined && refreshTokenPattern.test(refreshToken)
      ? await deps.endSessionOfToken(hashSecret(refreshToken))
      : undefined
  if (input.person) await deps.endSession(input.person.sessionId, input.person.userId, 'logout')
  for (const sessionId of new Set([byToken, input.person?.sessionId])) {
    if (sessionId === undefined) continue
    await deps.forgetCopy(sessionId)
    deps.log.info('A person signed out', { session_id: sessionId })
  }
}
