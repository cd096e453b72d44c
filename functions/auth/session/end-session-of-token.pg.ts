import { eq } from 'drizzle-orm'
import type { Database } from '../../_lib/database.pg.ts'
import { refreshTokens } from '../schema.ts'
import type { LogoutDeps } from './logout.ts'
import { endSession } from './spend-token.pg.ts'

export function createTokenSessionEnder(database: Database): LogoutDeps['endSessionOfToken'] {
  return (tokenHash) =>
    database.transaction(async (tx) => {
      const [token] = await tx
        .select({ sessionId: refreshTokens.sessionId })
        .from(refreshTokens)
        .where(eq(refreshTokens.tokenHash, tokenHash))
      if (token) await endSession(tx, token.sessionId, 'logout')
      return token?.sessionId
    })
}
