import { isFinal, type JobSnapshot } from '../snapshot/job-snapshot.ts'

export type FollowJobDeps = {
  /** The current state. Throws when the job was deleted. */
  readSnapshot: () => Promise<JobSnapshot>
  /** Calls `wake` when a snapshot was published. Resolves to a function that ends the subscription. */
  subscribe: (wake: () => void) => Promise<() => void>
  /** The interval of polling, in case a notification is lost. */
  pollMs: number
  signal: AbortSignal
}

/**
 * Yields each state of a job that is newer than the event id `after`, and ends after the final one. The id of an event
 * grows with the progress of the job, so a client that resumes gets no state twice and does not miss the end.
 */
export async function* followJob(
  deps: FollowJobDeps,
  after: number,
): AsyncGenerator<{ id: number; snapshot: JobSnapshot }> {
  let wake: () => void = () => undefined
  let woken = false
  const unsubscribe = await deps.subscribe(() => {
    woken = true
    wake()
  })
  try {
    let seen = after
    while (!deps.signal.aborted) {
      woken = false
      const snapshot = await deps.readSnapshot()
      const id = eventIdOf(snapshot)
      if (id > seen) {
        seen = id
        yield { id, snapshot }
      }
      if (isFinal(snapshot)) return
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, deps.pollMs)
        wake = () => {
          clearTimeout(timer)
          resolve()
        }
        deps.signal.addEventListener('abort', wake, { once: true })
        if (woken) wake()
      })
      deps.signal.removeEventListener('abort', wake)
    }
  } finally {
    unsubscribe()
  }
}

const finalEventId = 1000

/** Grows with progress: `created` 1, `queued` 2, `late` 3, then 10 to 90, and the same last number for both ends. */
export function eventIdOf(snapshot: JobSnapshot): number {
  if (isFinal(snapshot)) return finalEventId
  if (snapshot.state === 'created') return 1
  if (snapshot.stage === 'late') return 3
  return snapshot.state === 'queued' ? 2 : Math.max(4, snapshot.progress)
}
