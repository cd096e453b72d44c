import { notFound, ProblemError } from '../../_lib/http/errors.ts'
import type { Replaced, Versioned } from '../versioned.ts'

/** Returns the stored value of a replacement. Throws 404 without an account, and 409 for a stale version. */
export function acceptReplaced<T>(replaced: Replaced<T>): Versioned<T> {
  if (replaced.kind === 'no_account') throw notFound()
  if (replaced.kind === 'stale') {
    throw new ProblemError('conflict', {
      reason: 'version_conflict',
      detail: {
        ko: '다른 곳에서 먼저 바뀌었어요. 다시 불러온 뒤에 시도해 주세요.',
        en: 'This was changed elsewhere. Please load it again and retry.',
      },
    })
  }
  return replaced.stored
}
