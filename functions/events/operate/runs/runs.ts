import { notFound } from '../../../_lib/http/errors.ts'
import { encodeCursor } from '../cursor.ts'
import type { RunListQuery } from '../request-schemas.ts'
import type { RunFilter, RunRow } from './runs.pg.ts'

export type RunsDeps = {
  findRuns: (filter: RunFilter, before: string | undefined, limit: number) => Promise<RunRow[]>
  readRun: (runId: string) => Promise<RunRow | undefined>
}

export type RunState = 'running' | 'completed' | 'failed'

export type RunItem = Omit<RunRow, 'at_work' | 'failures'> & { state: RunState; progress: number }

export type WholeRun = RunItem & {
  failures: RunRow['failures']
  at_work: (Omit<RunRow['at_work'][number], 'covered'> & { progress: number })[]
}

/** Lists one page of runs, newest first. */
export async function listRuns(
  deps: RunsDeps,
  { limit, cursor, task }: RunListQuery,
): Promise<{ items: RunItem[]; next_cursor: string | null }> {
  // One row more than the limit shows whether there is another page.
  const found = await deps.findRuns({ task }, cursor, limit + 1)
  const page = found.slice(0, limit)
  const last = page.at(-1)
  return {
    items: page.map(renderRun),
    next_cursor: found.length > limit && last ? encodeCursor(last.run_id) : null,
  }
}

/** Reads a run with its running and its failed periods. Throws `not_found`. */
export async function readRun(deps: RunsDeps, runId: string): Promise<WholeRun> {
  const run = await deps.readRun(runId)
  if (!run) throw notFound()
  return {
    ...renderRun(run),
    failures: run.failures,
    at_work: run.at_work.map(({ covered, ...period }) => ({ ...period, progress: percent(covered) })),
  }
}

function renderRun({ failures: _, at_work, ...run }: RunRow): RunItem {
  const ended = run.done + run.failed + at_work.reduce((sum, { covered }) => sum + covered, 0)
  return { ...run, state: stateOf(run), progress: run.periods === 0 ? 100 : percent(ended / run.periods) }
}

function stateOf({ ended_at, failed }: Pick<RunRow, 'ended_at' | 'failed'>): RunState {
  if (ended_at === null) return 'running'
  return failed > 0 ? 'failed' : 'completed'
}

/** Rounded down to a tenth, so that only a finished run shows 100. */
const percent = (share: number): number => Math.floor(Math.min(1, Math.max(0, share)) * 1000) / 10
