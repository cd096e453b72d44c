import type { CleanupStep } from '../../_lib/stores/cleanup.ts'
import type { Database } from '../../_lib/stores/database.pg.ts'
import { createAuthExpirer, createExpiredAuthCounter, type ExpiredAuth } from './expire-auth.pg.ts'

/** Creates the cleanup step of expired attempts, tokens, sessions and forgotten sessions: one batch of each per call. */
export function createAuthCleanup(database: Database, options: { batchRows?: number } = {}): CleanupStep {
  const expire = createAuthExpirer(database, { ...options, batchesMax: 1 })
  const count = createExpiredAuthCounter(database)
  const removedOf = (rows: Omit<ExpiredAuth, 'finished'>) => ({
    login_attempts: rows.loginAttempts,
    refresh_tokens: rows.refreshTokens,
    sessions: rows.sessions,
    forgotten_sessions: rows.forgottenSessions,
  })
  return {
    name: 'sessions',
    run: async (_from, dryRun) => {
      if (dryRun) return { removed: removedOf(await count()), next: undefined }
      const expired = await expire()
      return { removed: removedOf(expired), next: expired.finished ? undefined : 'more' }
    },
  }
}
