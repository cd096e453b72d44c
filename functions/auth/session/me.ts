import type { Person } from '../../_lib/access/access-token.ts'
import { ProblemError } from '../../_lib/http/errors.ts'
import type { SessionRecord } from './store/session-record.pg.ts'

export type MeDeps = {
  findCopy: (sessionId: string) => Promise<SessionRecord | undefined>
  findSession: (sessionId: string) => Promise<SessionRecord | undefined>
  keepCopy: (record: SessionRecord) => Promise<void>
}

/** Returns the session of the access token. The copy in Redis saves a query; the access check has decided before. Throws 401. */
export async function me(deps: MeDeps, person: Person): Promise<SessionRecord> {
  const copy = await deps.findCopy(person.sessionId)
  if (copy && copy.userId === person.userId) return copy
  const record = await deps.findSession(person.sessionId)
  if (!record || record.userId !== person.userId) {
    throw new ProblemError('unauthenticated', {
      reason: 'session_ended',
      detail: { ko: '다시 로그인해 주세요.', en: 'Please sign in again.' },
      headers: { 'www-authenticate': 'Bearer error="invalid_token"' },
    })
  }
  await deps.keepCopy(record)
  return record
}
