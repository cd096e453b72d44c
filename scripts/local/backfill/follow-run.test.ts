import { expect, it } from 'vitest'
import type { WholeRun } from '../../../functions/events/operate/runs/runs.ts'
import { followRun } from './follow-run.ts'
import { lastClosedDay } from './last-closed-day.ts'

const runWith = (changes: Partial<WholeRun>): WholeRun => ({
  run_id: '0198c5f2-7b1e-7d36-9a55-3f6b8a1f0c2e',
  task: 'analytics.daily',
  from: '2026-01-01',
  to: '2026-01-31',
  again: false,
  ordered_by: '/test',
  state: 'running',
  periods: 31,
  done: 0,
  failed: 0,
  progress: 0,
  ordered_at: '2026-02-01T00:00:00.000Z',
  ended_at: null,
  failures: [],
  at_work: [],
  ...changes,
})

type Answer = WholeRun | Error | undefined

/** Returns each answer once and the last one repeatedly, a second apart. */
function follow(answers: readonly Answer[], rejection?: string, patienceMs = 10_000) {
  let reads = 0
  const drawn: number[] = []
  const repeatedAtMs: number[] = []
  const following = followRun({
    readRun: async () => {
      const answer = answers[Math.min(reads, answers.length - 1)]
      reads += 1
      if (answer instanceof Error) throw answer
      return answer
    },
    isFinal: (error) => (error as Error).message === 'refused',
    findRejection: async () => rejection,
    repeatCommand: async () => void repeatedAtMs.push(reads * 1_000),
    draw: ({ done }) => drawn.push(done),
    pause: async () => undefined,
    nowMs: () => reads * 1_000,
    patienceMs,
  })
  return { following, drawn, repeatedAtMs }
}

it('follows a run from before it is there to its end', async () => {
  const { following, drawn } = follow([
    undefined,
    runWith({}),
    runWith({ done: 12 }),
    new Error('the API is unavailable'),
    runWith({ done: 31, state: 'completed' }),
  ])
  expect(await following).toMatchObject({ done: 31 })
  expect(drawn).toEqual([0, 12, 12, 31])
})

it('repeats the command every 30 s while there is no run, since it may be lost, and stops once there is one', async () => {
  const absent = Array.from({ length: 70 }, () => undefined)
  const done = runWith({ done: 31, state: 'completed' })
  const { following, repeatedAtMs } = follow([...absent, runWith({}), done], undefined, 100_000)
  expect(await following).toMatchObject({ done: 31 })
  expect(repeatedAtMs).toEqual([31_000, 62_000])
})

it('is patient while rows are read, however long a day takes', async () => {
  const atWork = (rows: number) => [
    { period: '2026-01-05', rows_read: rows, progress: 0, last_error: null, moved_at: '' },
  ]
  const running = Array.from({ length: 50 }, (_, step) => runWith({ at_work: atWork(step) }))
  const { following } = follow([...running, runWith({ state: 'completed' })])
  expect(await following).toMatchObject({ state: 'completed' })
})

it('ends with the reasons of the failures', async () => {
  const failures = [{ period: '2026-01-05', reason: 'stalled' }]
  await expect(follow([runWith({ state: 'failed', failed: 2, failures })]).following).rejects.toThrow(
    '2 of 31 failed: 2026-01-05 (stalled), …',
  )
})

it('ends when the command is rejected, and when the token is refused', async () => {
  await expect(follow([undefined], 'not_over').following).rejects.toThrow('rejected: "not_over"')
  await expect(follow([runWith({}), new Error('refused')]).following).rejects.toThrow('refused')
})

it('gives up when nothing moves, and reports the cause', async () => {
  const stuck = [{ period: '2026-01-05', rows_read: 1, progress: 1, last_error: 'objects_unavailable', moved_at: '' }]
  await expect(follow([runWith({ at_work: stuck })]).following).rejects.toThrow(
    'Nothing has moved for 10 s (2026-01-05: objects_unavailable)',
  )
  await expect(follow([undefined]).following).rejects.toThrow('No function has accepted the command for 10 s')
  await expect(follow([runWith({}), new Error('the API is unavailable')]).following).rejects.toThrow(
    'the API is unavailable',
  )
})

it('knows the last day that is over in Seoul', () => {
  const days = ['2026-03-01T14:59:59Z', '2026-03-01T15:14:59Z', '2026-03-01T15:15:00Z'].map((time) =>
    lastClosedDay(new Date(time)),
  )
  expect(days).toEqual(['2026-02-28', '2026-02-28', '2026-03-01'])
})
