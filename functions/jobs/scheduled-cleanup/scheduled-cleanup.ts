import type { CleanupCommand } from '../../_contracts/events/cleanup-command.v1.ts'
import { schedCleanupCacheV1 } from '../../_contracts/events/sched-cleanup-cache.v1.ts'
import { schedCleanupImagesV1 } from '../../_contracts/events/sched-cleanup-images.v1.ts'
import type { JsonCloudEvent } from '../../_lib/events/cloud-event.ts'
import { eventsOf } from '../../_lib/events/event-contract.ts'
import { continueTrace } from '../../_lib/events/trace.ts'
import type { Logger } from '../../_lib/process/log.ts'
import type { Metrics } from '../../_lib/process/metrics.ts'
import type { CleanupStep, Removed } from '../../_lib/stores/cleanup.ts'
import { addRemoved, type CleanupTurn, type CleanupTurnOutcome } from '../../events/tasks/cleanup-runs.pg.ts'
import type spec from './function.ts'

const createEvent = eventsOf<typeof spec>('jobs-scheduled-cleanup')

export type CleanupTask = 'cleanup.cache' | 'cleanup.images'

const contractOf = { 'cleanup.cache': schedCleanupCacheV1, 'cleanup.images': schedCleanupImagesV1 } as const

export type ScheduledCleanupDeps = {
  stepsOf: Record<CleanupTask, readonly CleanupStep[]>
  /** Does the work of a turn unless the event was handled before, and publishes the command of the next turn. */
  runTurn: (
    event: JsonCloudEvent,
    turn: CleanupTurn,
    work: (note: (removed: Removed) => Promise<void>) => Promise<CleanupTurnOutcome>,
  ) => Promise<'done' | 'done_before'>
  createId: () => string
  now: () => Date
  nowMs: () => number
  turnMsMax: number
  log: Logger
  metrics: Pick<Metrics, 'count'>
}

/** Stops a run that never ends, which is a fault; the next tick starts a new one. */
const turnsMax = 1_000

/**
 * Removes expired data, one batch of each step after another, until nothing is left or `turnMsMax` is over; then returns the
 * command of the next turn. A failed step does not stop the others: it is retried in the next turn, or fails the event when only
 * failed steps are left.
 */
export async function scheduledCleanup(
  deps: ScheduledCleanupDeps,
  event: JsonCloudEvent,
  task: CleanupTask,
  command: CleanupCommand,
): Promise<void> {
  const dryRun = command.dry_run
  const { run_id: runId, turn } = command.continues ?? { run_id: deps.createId(), turn: 1 }
  const identity = { runId, turn, task, dryRun }
  await deps.runTurn(event, identity, async (note) => {
    const { removed, left, failures } = await removeUntil(deps, task, command, note)
    const [failure] = failures
    for (const error of failures) deps.log.error('A step of a clean-up failed', { error, task, run_id: runId })
    if (left.size > 0 && left.size === failures.length) throw failure

    const next =
      left.size > 0 && turn < turnsMax
        ? createEvent(
            contractOf[task],
            {
              id: deps.createId(),
              subject: runId,
              time: deps.now(),
              traceparent: continueTrace(event.extensions.traceparent),
            },
            {
              dry_run: dryRun,
              continues: { run_id: runId, turn: turn + 1, positions: Object.fromEntries(left) },
            },
          )
        : undefined
    if (left.size > 0 && !next)
      deps.log.error('A clean-up reached its maximum number of turns', { task, run_id: runId, turn })
    const finished = left.size === 0
    const report = { task, run_id: runId, turn, dry_run: dryRun, finished, removed }
    deps.log.info(dryRun ? 'Counted what a clean-up would remove' : 'Cleaned up', report)
    return { removed, next, finished }
  })
}

/** Returns what was removed, and the unfinished steps with the position from which each continues. */
async function removeUntil(
  { stepsOf, nowMs, turnMsMax, metrics }: ScheduledCleanupDeps,
  task: CleanupTask,
  command: CleanupCommand,
  note: (removed: Removed) => Promise<void>,
) {
  const endMs = nowMs() + turnMsMax
  const positions = command.continues?.positions
  const todo = new Map<CleanupStep, string>()
  for (const step of stepsOf[task]) {
    if (!positions || Object.hasOwn(positions, step.name)) todo.set(step, positions?.[step.name] ?? '')
  }
  const left = new Map<string, string>()
  const failures: unknown[] = []
  let removed: Removed = {}
  let batches = 0
  // A map iterates over entries that are added meanwhile, so every step gets its next batch in turn.
  for (const [step, from] of todo) {
    // At least one batch per turn, so that a run ends even with very short turns.
    if (batches > 0 && nowMs() >= endMs) break
    batches += 1
    todo.delete(step)
    try {
      const batch = await step.run(from === '' ? undefined : from, command.dry_run)
      removed = addRemoved(removed, batch.removed)
      if (batch.next !== undefined) todo.set(step, batch.next)
      for (const [kind, count] of Object.entries(batch.removed)) {
        if (count > 0 && !command.dry_run) metrics.count('cleanup_removed_total', { kind }, count)
      }
    } catch (error) {
      failures.push(error)
      left.set(step.name, from)
      continue
    }
    await note(removed)
  }
  for (const [step, from] of todo) left.set(step.name, from)
  return { removed, left, failures }
}
