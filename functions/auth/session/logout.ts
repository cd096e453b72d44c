import type { Person } from '../../_lib/access/access-token.ts'
import type { Logger } from '../../_lib/process/log.ts'
import { hashSecret, refreshTokenPattern } from '../refresh-token.ts'

export type LogoutDeps = {
  /** Ends the session of a refresh token, spent or not. Undefined when the token is unknown. */
  endSessionOfToken: (tokenHash: Buffer) => Promise<string | undefined>
  endSession: (sessionId: string, userId: string, reason: string) => Promise<boolean>
  /** Forgets the copy of a session. */
  forgetCopy: (sessionId: string) => Promise<void>
  log: Logger
}

/** Ends whatever session the caller can show, and is content when there is none: a logout never fails for its caller. */
export async function logout(
  deps: LogoutDeps,
  input: { refreshToken: string | undefined; person: Person | undefined },
): Promise<void> {
  const { refreshToken } = input
  // What cannot be a token of ours is not worth a question to the database.
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
