import type { JsonCloudEvent } from '../../_lib/events/cloud-event.ts'
import { ProblemError } from '../../_lib/http/errors.ts'

export type DeleteAccountDeps = {
  /** Whether the person has proved who they are in the last five minutes, by the clock of the database. */
  isFreshlyAuthenticated: (sessionId: string) => Promise<boolean>
  /** Writes the deletion and the event that orders it, in one transaction; an order that is there already stays the one. */
  orderDeletion: (
    userId: string,
    traceparent: string,
  ) => Promise<{ deletionId: string; event: JsonCloudEvent | undefined }>
  /** Publishes at once what was committed; what fails is left to the relay. */
  flush: (events: readonly JsonCloudEvent[]) => Promise<void>
}

export type DeleteAccountInput = { userId: string; sessionId: string; traceparent: string }

/** Orders the deletion of the caller's account. Repeating it changes nothing. */
export async function deleteAccount(
  deps: DeleteAccountDeps,
  input: DeleteAccountInput,
): Promise<{ deletionId: string }> {
  // Somebody who found a phone unlocked must not be able to do this (ASVS 7.5.1).
  if (!(await deps.isFreshlyAuthenticated(input.sessionId))) {
    throw new ProblemError('forbidden', {
      reason: 'reauthentication_required',
      detail: {
        ko: '안전을 위해 다시 로그인한 뒤에 시도해 주세요.',
        en: 'For your safety, please sign in again and retry.',
      },
    })
  }
  const { deletionId, event } = await deps.orderDeletion(input.userId, input.traceparent)
  if (event) await deps.flush([event])
  return { deletionId }
}
