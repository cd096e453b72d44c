import type { JsonCloudEvent } from '../../_lib/events/cloud-event.ts'
import { ProblemError } from '../../_lib/http/errors.ts'

export type DeleteAccountDeps = {
  /** Whether the person signed in within the last five minutes, by the clock of the database. */
  isRecentlyAuthenticated: (sessionId: string) => Promise<boolean>
  /** Inserts the deletion and its command in one transaction; an existing deletion is returned without an event. */
  requestDeletion: (
    userId: string,
    traceparent: string,
  ) => Promise<{ deletionId: string; event: JsonCloudEvent | undefined }>
  /** Publishes the committed events at once; the relay publishes those that fail. */
  flush: (events: readonly JsonCloudEvent[]) => Promise<void>
}

export type DeleteAccountInput = { userId: string; sessionId: string; traceparent: string }

/** Requests the deletion of the caller's account. Idempotent. Throws 403 without a recent login. */
export async function deleteAccount(
  deps: DeleteAccountDeps,
  input: DeleteAccountInput,
): Promise<{ deletionId: string }> {
  // A person who finds an unlocked phone must not be able to delete the account (ASVS 7.5.1).
  if (!(await deps.isRecentlyAuthenticated(input.sessionId))) {
    throw new ProblemError('forbidden', {
      reason: 'reauthentication_required',
      detail: {
        ko: '안전을 위해 다시 로그인한 뒤에 시도해 주세요.',
        en: 'For your safety, please sign in again and retry.',
      },
    })
  }
  const { deletionId, event } = await deps.requestDeletion(input.userId, input.traceparent)
  if (event) await deps.flush([event])
  return { deletionId }
}
