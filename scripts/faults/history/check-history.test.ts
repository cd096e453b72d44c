import { describe, expect, it } from 'vitest'
import { checkHistory, type ViolationKind } from './check-history.ts'
import type { Effects, HistoryEntry, JobRow } from './history.ts'

const job = (changes: Partial<JobRow> = {}): JobRow => ({
  jobId: 'a',
  state: 'completed',
  failureReason: null,
  createdAtMs: 0,
  queuedAtMs: 10,
  finishedAtMs: 100,
  leases: 1,
  redrives: 0,
  ...changes,
})

const sound: Effects = {
  jobs: [job()],
  effects: [
    { jobId: 'a', kind: 'completed', atMs: 100 },
    { jobId: 'a', kind: 'result_written', atMs: 100 },
  ],
  results: [{ jobId: 'a', category: 'CAN' }],
  modelCalls: [{ jobId: 'a', outcome: 'answered' }],
  modelCallsSeen: 1,
  handled: new Map([['a', 1]]),
  outboxPending: 0,
  outboxParked: 0,
  deadLetters: [],
  messagesLeft: 0,
}

const step = (changes: Partial<HistoryEntry>): HistoryEntry => ({
  atMs: 5,
  client: 0,
  kind: 'complete',
  type: 'invoke',
  jobId: 'a',
  ...changes,
})
const completed = { state: 'completed', reason: null, category: 'CAN' } as const
const accepted = [
  step({ type: 'invoke' }),
  step({ type: 'ok', atMs: 10 }),
  step({ kind: 'follow', type: 'ok', end: completed, atMs: 101 }),
]

const check = (effects: Partial<Effects>, entries: HistoryEntry[] = accepted, excusedFailures: string[] = []) =>
  checkHistory({ entries, effects: { ...sound, ...effects }, injections: [], excusedFailures })
const kindsOf = (checked: ReturnType<typeof check>) => checked.violations.map(({ kind }) => kind)

describe('the history checker', () => {
  it('finds nothing in a history in which every guarantee was kept', () => {
    expect(check({})).toEqual({
      attempted: 1,
      accepted: 1,
      completed: 1,
      failed: {},
      lost: 0,
      doubled: 0,
      modelCallsPerJob: 1,
      recoveries: [],
      violations: [],
      problems: [],
    })
  })

  const removed = { jobs: [], effects: [], results: [] }
  const open = { effects: [], results: [], handled: new Map<string, number>() }
  const losses: [string, ViolationKind, Partial<Effects>][] = [
    ['whose row is gone', 'gone', removed],
    ['that waits for its photo again', 'forgotten', { ...open, jobs: [job({ state: 'created', queuedAtMs: null })] }],
    [
      'that ended as an upload that never came',
      'forgotten',
      { ...open, jobs: [job({ state: 'failed', failureReason: 'upload_expired', queuedAtMs: null })] },
    ],
    ['that is still queued', 'unfinished', { ...open, jobs: [job({ state: 'queued', finishedAtMs: null })] }],
    [
      'that is still being worked on',
      'unfinished',
      { ...open, jobs: [job({ state: 'processing', finishedAtMs: null })] },
    ],
    ['without its result', 'result_missing', { results: [] }],
  ]
  it.each(losses)('calls an accepted job %s lost', (_, kind, effects) => {
    const checked = check(effects, accepted.slice(0, 2))
    expect([kindsOf(checked), checked.lost, checked.doubled]).toEqual([[kind], 1, 0])
  })

  const once = sound.effects
  const doublings: [string, ViolationKind, Partial<Effects>][] = [
    ['that ended twice', 'ended_twice', { effects: [...once, { jobId: 'a', kind: 'completed', atMs: 200 }] }],
    ['that failed and completed', 'ended_twice', { effects: [...once, { jobId: 'a', kind: 'failed', atMs: 50 }] }],
    ['whose end was changed', 'ended_twice', { effects: [...once, { jobId: 'a', kind: 'end_changed', atMs: 200 }] }],
    [
      'whose result was written twice',
      'result_twice',
      { effects: [...once, { jobId: 'a', kind: 'result_written', atMs: 9 }] },
    ],
    [
      'whose result was changed',
      'result_twice',
      { effects: [...once, { jobId: 'a', kind: 'result_changed', atMs: 200 }] },
    ],
    ['with two results', 'result_twice', { results: [...sound.results, ...sound.results] }],
    [
      'with a step that was finished twice',
      'step_twice',
      {
        effects: [
          { jobId: 'a', kind: 'identify_item', atMs: 50 },
          { jobId: 'a', kind: 'identify_item', atMs: 60 },
          ...once,
        ],
      },
    ],
    ['that was handled twice', 'handled_twice', { handled: new Map([['a', 2]]) }],
    ['for which two answers were saved', 'answered_twice', { modelCalls: [...sound.modelCalls, ...sound.modelCalls] }],
  ]
  it.each(doublings)('calls a job %s doubled', (_, kind, effects) => {
    const checked = check(effects)
    expect([kindsOf(checked), checked.lost, checked.doubled]).toEqual([[kind], 0, 1])
  })

  it('calls a job doubled that failed in the database and whose client was told that it completed', () => {
    const failed = {
      jobs: [job({ state: 'failed', failureReason: 'model_unavailable' })],
      effects: [{ jobId: 'a', kind: 'failed', atMs: 100 }] as const,
      results: [],
    }
    const checked = check(failed, accepted, ['model_unavailable'])
    expect([kindsOf(checked), checked.doubled]).toEqual([['told_otherwise'], 1])
    expect(kindsOf(check(failed, accepted.slice(0, 2), ['model_unavailable']))).toEqual([])
  })

  it('requires an end of a queued job, even when no client received the 202', () => {
    const unsure = [step({ type: 'invoke' }), step({ type: 'info' })]
    expect(kindsOf(check({}, unsure))).toEqual([])
    expect(check({}, unsure)).toMatchObject({ attempted: 1, accepted: 0, completed: 1 })
    const left = { ...open, jobs: [job({ state: 'queued', finishedAtMs: null })] }
    expect(kindsOf(check(left, unsure))).toEqual(['unfinished'])
  })

  it('accepts a job whose upload no client completed', () => {
    expect(kindsOf(check({ ...open, jobs: [job({ state: 'created', queuedAtMs: null })] }, []))).toEqual([])
  })

  it('finds a job that was refused and still analysed', () => {
    expect(kindsOf(check({}, [step({ type: 'invoke' }), step({ type: 'fail' })]))).toEqual(['refused_and_done'])
  })

  it('excuses a failure only where the fault causes it', () => {
    const failed = {
      jobs: [job({ state: 'failed', failureReason: 'photo_refused' })],
      effects: [{ jobId: 'a', kind: 'failed', atMs: 100 }] as const,
      results: [],
    }
    expect(kindsOf(check(failed, accepted.slice(0, 2)))).toEqual(['failed_without_cause'])
    expect(check(failed, accepted.slice(0, 2), ['photo_refused'])).toMatchObject({
      violations: [],
      failed: { photo_refused: 1 },
      completed: 0,
    })
  })

  it('names what is left behind, and a call of the model that the ledger does not know', () => {
    const { problems } = check({ outboxPending: 2, outboxParked: 1, messagesLeft: 3, modelCallsSeen: 2 })
    expect(problems).toEqual([
      '2 events were never published',
      '1 events were parked',
      '3 messages are left in queues',
      'the model counted 2 calls, and the ledger 1: a call was not counted',
    ])
  })

  it('counts the calls of jobs that were removed with an account', () => {
    const removed = { jobId: 'removed', kind: 'model_call_removed', atMs: 1 } as const
    const effects = [...sound.effects, removed]
    expect(check({ effects, modelCallsSeen: 2 }).problems).toEqual([])
    expect(check({ effects, modelCallsSeen: 3 }).problems).toHaveLength(1)
  })

  it('does not trust an audit that saw no end of a job that has one', () => {
    expect(check({ effects: [] }).problems).toEqual(['1 ends were not seen by the audit'])
    const step = { jobId: 'a', kind: 'retrieve_rules', atMs: 50 } as const
    expect(check({ effects: [step] }).problems).toEqual(['1 ends were not seen by the audit'])
  })

  it('measures recovery from the recovery of the first injection that a job met', () => {
    const jobs = [
      job({ jobId: 'before', queuedAtMs: 0, finishedAtMs: 90 }),
      job({ jobId: 'affected', queuedAtMs: 50, finishedAtMs: 500 }),
      job({ jobId: 'between', queuedAtMs: 210, finishedAtMs: 290 }),
      job({ jobId: 'during', queuedAtMs: 310, finishedAtMs: 320 }),
    ]
    const injections = [
      { what: 'kill', startedAtMs: 100, recoveredAtMs: 200 },
      { what: 'stop', startedAtMs: 300, recoveredAtMs: 400 },
    ]
    const { recoveries } = checkHistory({
      entries: [],
      effects: { ...sound, jobs, effects: [], results: [] },
      injections,
      excusedFailures: [],
    })
    expect(recoveries).toEqual([
      // From 200 to 500, without the second injection from 300 to 400.
      { jobId: 'affected', injection: 'kill', tookMs: 200 },
      { jobId: 'during', injection: 'stop', tookMs: 0 },
    ])
  })
})
