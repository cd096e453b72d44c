import { RejectedEventError } from '../../_lib/errors.ts'
import type { Logger } from '../../_lib/log.ts'

export type DeleteAccountDeps = {
  /** Whose account is to be deleted; null when that is done, undefined when there is no such deletion. */
  findPerson: (deletionId: string) => Promise<string | null | undefined>
  /** What each domain does, in the order of the list: sessions first, the account itself last. */
  steps: readonly { name: string; run: (userId: string) => Promise<unknown> }[]
  complete: (deletionId: string) => Promise<void>
  log: Logger
}

/**
 * Removes what every domain keeps of a person. Each step commits by itself and may be repeated, so a run that was cut off is
 * simply run again from the beginning; the person is forgotten only after the last.
 */
export async function deleteAccount(deps: DeleteAccountDeps, deletionId: string): Promise<void> {
  const userId = await deps.findPerson(deletionId)
  if (userId === undefined) throw new RejectedEventError('unknown_deletion', `There is no deletion "${deletionId}"`)
  if (userId === null) return
  for (const step of deps.steps) await step.run(userId)
  await deps.complete(deletionId)
  deps.log.info('An account was deleted', { deletion_id: deletionId })
}
