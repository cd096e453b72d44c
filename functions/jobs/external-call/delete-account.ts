import { RejectedEventError } from '../../_lib/http/errors.ts'
import type { Logger } from '../../_lib/process/log.ts'

export type DeleteAccountDeps = {
  /** Finds the id of the person to delete; null when the deletion is complete, undefined when there is no such deletion. */
  findPerson: (deletionId: string) => Promise<string | null | undefined>
  /** The steps of the domains, in this order: sessions first, the account itself last. */
  steps: readonly { name: string; run: (userId: string, signal: AbortSignal) => Promise<unknown> }[]
  /** Creates a signal that aborts when the time of one delivery is over. */
  timeOut: () => AbortSignal
  /** Makes the command due again soon, to continue a deletion that one delivery could not finish. */
  resumeSoon: (deletionId: string) => Promise<void>
  complete: (deletionId: string) => Promise<void>
  log: Logger
}

/**
 * Removes what every domain stores about a person. Each step commits by itself and is idempotent, so an interrupted run starts
 * again from the beginning; the person is forgotten only after the last step. A big account takes several deliveries, each of
 * which finds less to do.
 *
 * @throws RejectedEventError for an unknown deletion.
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
    deps.log.info('The deletion of an account continues in another delivery', { deletion_id: deletionId })
    return
  }
  await deps.complete(deletionId)
  deps.log.info('An account was deleted', { deletion_id: deletionId })
}
