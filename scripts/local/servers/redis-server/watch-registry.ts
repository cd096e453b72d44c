import type { Session } from './session.ts'

/** Which sessions wait to hear that a key was written, for WATCH. */
export function createWatchRegistry() {
  const sessionsByKey = new Map<string, Set<Session>>()
  return {
    watch(session: Session, database: number, key: string) {
      const name = `${database}:${key}`
      const sessions = sessionsByKey.get(name) ?? new Set()
      sessionsByKey.set(name, sessions.add(session))
      session.watched.add(name)
    },
    unwatchAll(session: Session) {
      for (const name of session.watched) {
        const sessions = sessionsByKey.get(name)
        sessions?.delete(session)
        if (sessions?.size === 0) sessionsByKey.delete(name)
      }
      session.watched.clear()
      session.watchBroken = false
    },
    changed(database: number, key: string) {
      if (sessionsByKey.size === 0) return
      for (const session of sessionsByKey.get(`${database}:${key}`) ?? []) session.watchBroken = true
    },
  }
}
export type WatchRegistry = ReturnType<typeof createWatchRegistry>
