import { randomUUID } from 'node:crypto'
import { expect, it } from 'vitest'
import { schedCleanupCacheV1 } from '../../_contracts/events/sched-cleanup-cache.v1.ts'
import type { JsonCloudEvent } from '../../_lib/events/cloud-event.ts'
import type { CleanupStep, Removed } from '../../_lib/stores/cleanup.ts'
import { silentLog } from '../../_lib/testing/silent-log.ts'
import type { CleanupTurnOutcome } from '../../events/tasks/cleanup-runs.pg.ts'
import { scheduledCleanup } from './scheduled-cleanup.ts'

const event = {
  specversion: '1.0',
  source: '/test',
  type: 'x',
  datacontenttype: 'x',
  data: {},
  extensions: {},
} as const

/** A step of this many batches of ten, each of which takes 10 ms of `clock`. */
function createStep(name: string, batches: number, clock: { ms: number }, calls: string[]): CleanupStep {
  let left = batches
  return {
    name,
    run: async (from, dryRun) => {
      calls.push(`${name} from ${from ?? 'the beginning'}${dryRun ? ' (dry)' : ''}`)
      clock.ms += 10
      left -= 1
      return { removed: { [name]: 10 }, next: left > 0 ? String(left) : undefined }
    },
  }
}

const failing = (name: string): CleanupStep => ({
  name,
  run: () => Promise.reject(new Error(`${name} is unavailable`)),
})

function arrange(makeSteps: (clock: { ms: number }, calls: string[]) => CleanupStep[], turnMsMax = 1_000) {
  const clock = { ms: 0 }
  const calls: string[] = []
  const notes: Removed[] = []
  const counted: Record<string, number> = {}
  const outcomes: CleanupTurnOutcome[] = []
  const steps = makeSteps(clock, calls)
  return {
    calls,
    notes,
    counted,
    outcomes,
    run: (command: Parameters<typeof scheduledCleanup>[3] = { dry_run: false }) =>
      scheduledCleanup(
        {
          stepsOf: { 'cleanup.cache': steps, 'cleanup.images': [] },
          runTurn: async (_event, _turn, work) => {
            outcomes.push(await work(async (removed) => void notes.push(removed)))
            return 'done'
          },
          createId: randomUUID,
          now: () => new Date(0),
          nowMs: () => clock.ms,
          turnMsMax,
          log: silentLog,
          metrics: {
            count: (_name, { kind = '' } = {}, amount = 1) => {
              counted[kind] = (counted[kind] ?? 0) + amount
            },
          },
        },
        { ...event, id: randomUUID() },
        'cleanup.cache',
        command,
      ),
  }
}
const commandIn = (next: JsonCloudEvent | undefined) => schedCleanupCacheV1.schema.parse(next?.data)

it('does a batch of each step in turn until nothing is left, and records the sum after each', async () => {
  const world = arrange((clock, calls) => [createStep('a', 2, clock, calls), createStep('b', 1, clock, calls)])
  await world.run()
  expect(world.calls).toEqual(['a from the beginning', 'b from the beginning', 'a from 1'])
  expect(world.notes).toEqual([{ a: 10 }, { a: 10, b: 10 }, { a: 20, b: 10 }])
  expect(world.outcomes).toEqual([{ removed: { a: 20, b: 10 }, next: undefined, finished: true }])
  expect(world.counted).toEqual({ a: 20, b: 10 })
})

it('publishes the next turn when the time is over, which continues the unfinished steps from their positions', async () => {
  const world = arrange((clock, calls) => [createStep('a', 3, clock, calls), createStep('b', 1, clock, calls)], 30)
  await world.run()
  const [first] = world.outcomes
  expect(first).toMatchObject({ removed: { a: 20, b: 10 }, finished: false })
  expect(first?.next).toMatchObject({ type: schedCleanupCacheV1.type, extensions: { queue: 'sched' } })
  expect(commandIn(first?.next)).toEqual({
    dry_run: false,
    continues: { run_id: first?.next?.subject, turn: 2, positions: { a: '1' } },
  })
  await world.run(commandIn(first?.next))
  expect(world.calls).toEqual(['a from the beginning', 'b from the beginning', 'a from 2', 'a from 1'])
  expect(world.outcomes[1]).toEqual({ removed: { a: 10 }, next: undefined, finished: true })
})

it('ends even when turns have no time at all', async () => {
  const world = arrange((clock, calls) => [createStep('a', 2, clock, calls), createStep('b', 2, clock, calls)], 0)
  await world.run()
  for (let last = world.outcomes.at(-1); last?.next; last = world.outcomes.at(-1)) await world.run(commandIn(last.next))
  expect(world.calls).toHaveLength(4)
  expect(world.outcomes.at(-1)).toMatchObject({ finished: true })
})

it('stays a dry run in its next turns, and counts nothing as removed', async () => {
  const world = arrange((clock, calls) => [createStep('a', 2, clock, calls)], 10)
  await world.run({ dry_run: true })
  await world.run(commandIn(world.outcomes[0]?.next))
  expect(world.calls).toEqual(['a from the beginning (dry)', 'a from 1 (dry)'])
  expect(world.counted).toEqual({})
})

it('a failed step does not stop the others, and fails the event when only it is left', async () => {
  const world = arrange((clock, calls) => [failing('a'), createStep('b', 2, clock, calls)])
  await expect(world.run()).rejects.toThrow('a is unavailable')
  expect(world.notes).toEqual([{ b: 10 }, { b: 20 }])
  expect(world.outcomes).toEqual([])
})

it('retries a failed step in the next turn, when there is one', async () => {
  const world = arrange((clock, calls) => [failing('a'), createStep('b', 2, clock, calls)], 10)
  await world.run()
  expect(commandIn(world.outcomes[0]?.next).continues?.positions).toEqual({ a: '', b: '1' })
})

it('stops a run that never ends', async () => {
  const world = arrange((clock, calls) => [createStep('a', 9, clock, calls)], 0)
  await world.run({ dry_run: false, continues: { run_id: randomUUID(), turn: 1_000, positions: { a: '' } } })
  expect(world.outcomes).toEqual([{ removed: { a: 10 }, next: undefined, finished: false }])
})

it('ignores steps that no longer exist', async () => {
  const world = arrange((clock, calls) => [createStep('a', 1, clock, calls)])
  await world.run({ dry_run: false, continues: { run_id: randomUUID(), turn: 2, positions: { gone: '7' } } })
  expect(world.outcomes).toEqual([{ removed: {}, next: undefined, finished: true }])
})
