import { RejectedEventError } from '../../_lib/http/errors.ts'
import type { Logger } from '../../_lib/process/log.ts'

export type DeleteAccountDeps = {
  /** Whose account is to be deleted; null when that is done, undefined when there is no such deletion. */
  findPerson: (deletionId: string) => Promise<string | null | undefined>
  /** What each domain does, in the order of the list: sessions first, the account itself last. */
  steps: readonly { name: string; run: (userId: string, signal: AbortSignal) => Promise<unknown> }[]
  /** Aborts when the time of one delivery is used up. */
  timeOut: () => AbortSignal
  /** Has the order sent again soon, to go on with a deletion that did not end in the time of one delivery. */
  resumeSoon: (deletionId: string) => Promise<void>
  complete: (deletionId: string) => Promise<void>
  log: Logger
}

/**
 * Removes what every domain keeps of a person. Each step commits by itself and may be repeated, so a run that was cut off is
 * simply run again from the beginning; the person is forgotten only after the last. An account that is too big for one delivery is
 * deleted in several: each finds less to do.
 */
export async function deleteAccount(deps: DeleteAccountDeps, deletionId: string): Promise<void> {
  const userId = await deps.findPerson(deletionId)
  if (userId === undefined) throw new RejectedEventError('unknown_deletion', `There is no deletion "${deletionId}"`)
  if (userId === null) return
  const signal = deps.timeOut()
  try {
    for (const step of deps.steps) await step.run(userId, signal)
  } catch (error) {
    if (!signal.aborted || error !== signal.reason) throw error
    await deps.resumeSoon(deletionId)
    deps.log.info('An account is deleted in several deliveries', { deletion_id: deletionId })
    return
  }
  await deps.complete(deletionId)
  deps.log.info('An account was deleted', { deletion_id: deletionId })
}
