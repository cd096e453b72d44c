import type { JSONWebKeySet } from 'jose'
import { createTokenVerifier, type VerifyAccessToken } from './access-token.ts'
import type { Database } from './database.pg.ts'
import { createEndedSessions } from './ended-sessions.pg.ts'
import type { Logger } from './log.ts'

/** Accepts an access token that is signed, in force, and of a session that has not ended. */
export function createAccessCheck(options: {
  publicKeys: JSONWebKeySet
  database: Database
  log: Logger
}): VerifyAccessToken {
  const verify = createTokenVerifier({ publicKeys: options.publicKeys })
  const isSessionEnded = createEndedSessions(options)
  return async (token) => {
    const person = await verify(token)
    return person && !(await isSessionEnded(person.sessionId)) ? person : undefined
  }
}
