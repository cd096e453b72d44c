import type { BatchRange, BatchTask } from '../../_contracts/events/batch-range.v1.ts'
import type { JsonCloudEvent } from '../../_lib/events/cloud-event.ts'
import { RejectedEventError } from '../../_lib/http/errors.ts'
import type { Logger } from '../../_lib/process/log.ts'
import type { BatchPeriods } from '../../events/tasks/batch-periods.pg.ts'
import { addDays, lookBackDays, periodsOf } from './periods.ts'

export type PlanPeriodsDeps = {
  look: BatchPeriods['look']
  plan: BatchPeriods['plan']
  createId: () => string
  log: Logger
}

/**
 * Plans the missing periods of a range, or all of them again. A range that is done costs one query.
 *
 * @throws RejectedEventError when the range holds no whole week, or ends after the last closed day.
 */
export async function planRange(
  deps: PlanPeriodsDeps,
  event: JsonCloudEvent,
  task: BatchTask,
  range: BatchRange,
): Promise<void> {
  const periods = periodsOf(task, range)
  if (periods.length === 0) {
    throw new RejectedEventError('no_period', 'The range contains no week from Monday to Sunday')
  }
  const { closedDay, done } = await deps.look(task, periods)
  if (range.to > closedDay) {
    throw new RejectedEventError('not_over', `The range ends on ${range.to}; the last closed day is ${closedDay}`)
  }
  const again = range.again ?? false
  const followed = range.run_id !== undefined
  if (done === periods.length && !again && !followed) return
  const runId = range.run_id ?? deps.createId()
  const request = { task, firstDay: range.from, lastDay: range.to, periods, again, runId, followed }
  const planned = await deps.plan(event, request)
  deps.log.info('Batch work was planned', { task, run_id: runId, from: range.from, to: range.to, again, planned })
}

/** Plans what a tick asks for: the last closed period, and every earlier one within `lookBackDays` that is not done. */
export async function planMissing(deps: PlanPeriodsDeps, event: JsonCloudEvent, task: BatchTask): Promise<void> {
  const { closedDay } = await deps.look(task, [])
  const from = addDays(closedDay, 1 - lookBackDays[task])
  await planRange(deps, event, task, { from, to: closedDay })
}
