import type { WholeRun } from '../../../functions/events/operate/runs/runs.ts'

export type FollowRunDeps = {
  /** Undefined while there is no such run. A failure is retried, until the patience is over. */
  readRun: () => Promise<WholeRun | undefined>
  /** Whether a retry is pointless. */
  isFinal: (error: unknown) => boolean
  /** Why the command was rejected; undefined when it was not. */
  findRejection: () => Promise<string | undefined>
  /** Publishes the command again, under its own id: while there is no run it may be lost. */
  repeatCommand: () => Promise<void>
  draw: (run: WholeRun) => void
  pause: (ms: number) => Promise<void>
  nowMs: () => number
  /** Gives up after this long without any progress. */
  patienceMs: number
}

/** Why the work did not complete; the message is for the operator. */
export class BackfillError extends Error {
  override name = 'BackfillError'
}

const pollMs = 500
const repeatAfterMs = 30_000

/** Resolves when every period is done. Throws `BackfillError` when one fails, the command is rejected, or nothing moves. */
export async function followRun(deps: FollowRunDeps): Promise<WholeRun> {
  let movedMs = deps.nowMs()
  let sentMs = movedMs
  let seen = ''
  let unanswered: unknown
  let last: WholeRun | undefined
  for (;;) {
    try {
      last = (await deps.readRun()) ?? last
      if (!last) await throwRejection(deps)
      if (!last && deps.nowMs() - sentMs > repeatAfterMs) {
        sentMs = deps.nowMs()
        await deps.repeatCommand()
      }
      unanswered = undefined
    } catch (error) {
      if (error instanceof BackfillError || deps.isFinal(error)) throw error
      unanswered = error
    }
    if (last) deps.draw(last)
    if (last?.state === 'completed') return last
    if (last?.state === 'failed') throw new BackfillError(describeFailures(last))
    const state = last ? progressOf(last) : ''
    if (state !== seen) {
      seen = state
      movedMs = deps.nowMs()
    }
    if (deps.nowMs() - movedMs > deps.patienceMs) {
      const why = unanswered ? (unanswered as Error).message : describeStandstill(last, deps.patienceMs)
      throw new BackfillError(why, { cause: unanswered })
    }
    await deps.pause(pollMs)
  }
}

async function throwRejection({ findRejection }: FollowRunDeps): Promise<void> {
  const reason = await findRejection()
  if (reason !== undefined) throw new BackfillError(`The command was rejected: "${reason}"`)
}

const progressOf = ({ done, failed, at_work }: WholeRun): string =>
  JSON.stringify([done, failed, at_work.map(({ period, rows_read }) => [period, rows_read])])

function describeFailures({ failed, periods, failures }: WholeRun): string {
  const listed = failures.map(({ period, reason }) => `${period} (${reason})`).join(', ')
  return `${failed} of ${periods} failed: ${listed}${failed > failures.length ? ', …' : ''}`
}

function describeStandstill(run: WholeRun | undefined, patienceMs: number): string {
  const seconds = Math.round(patienceMs / 1000)
  if (!run)
    return `No function has accepted the command for ${seconds} s: does jobs-batch-aggregate run, and is its queue moving?`
  const errors = run.at_work.flatMap(({ period, last_error }) => (last_error ? `${period}: ${last_error}` : []))
  const because = errors.length > 0 ? ` (${errors.join(', ')})` : ''
  return `Nothing has moved for ${seconds} s${because}; the run continues by itself, and the same backfill may be repeated`
}
