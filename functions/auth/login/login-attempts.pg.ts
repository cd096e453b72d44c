import { and, eq, gt, isNull, sql } from 'drizzle-orm'
import type { Database } from '../../_lib/stores/database.pg.ts'
import { loginAttempts } from '../schema.ts'
import type { BeginLoginDeps } from './begin-login.ts'
import type { LoginDeps } from './login.ts'

export function createAttemptInserter(database: Database): BeginLoginDeps['insertAttempt'] {
  return async (attempt, expiresSeconds) => {
    await database.run((db) =>
      db.insert(loginAttempts).values({ ...attempt, expiresAt: sql`now() + make_interval(secs => ${expiresSeconds})` }),
    )
  }
}

export function createAttemptConsumer(database: Database): LoginDeps['consumeAttempt'] {
  return async (loginAttemptId, provider) => {
    const [attempt] = await database.run((db) =>
      db
        .update(loginAttempts)
        .set({ consumedAt: sql`now()` })
        .where(
          and(
            eq(loginAttempts.loginAttemptId, loginAttemptId),
            eq(loginAttempts.provider, provider),
            isNull(loginAttempts.consumedAt),
            gt(loginAttempts.expiresAt, sql`now()`),
          ),
        )
        .returning(),
    )
    return attempt
  }
}
