import { describe, expect, it } from 'vitest'
import type { Fault } from '../fault.ts'
import type { Checked } from '../history/check-history.ts'
import type { FaultRun } from '../run-fault.ts'
import { formatMarkdown, formatProblems, formatText } from './format-rows.ts'
import { summariseFault } from './summarise.ts'

const fault: Fault = {
  id: 'F99',
  title: 'a fault',
  how: 'by hand',
  boundSeconds: 2,
  run: async () => undefined,
}

const checked = (changes: Partial<Checked> = {}): Checked => ({
  attempted: 10,
  accepted: 10,
  completed: 9,
  failed: { photo_refused: 1 },
  lost: 0,
  doubled: 0,
  modelCallsPerJob: 1.1,
  recoveries: [
    { jobId: 'a', injection: '12 duplicates', tookMs: 100 },
    { jobId: 'b', injection: '7 duplicates', tookMs: 300 },
  ],
  violations: [],
  problems: [],
  ...changes,
})

const run = (seed: number, changes: Partial<Checked> = {}, others: Partial<FaultRun> = {}): FaultRun => ({
  seed,
  jobs: 10,
  checked: checked(changes),
  injections: [{ what: 'kill', startedAtMs: 0, recoveredAtMs: 1 }],
  deadLetters: 2,
  slowestStepMs: 50 * seed,
  durationMs: 4_000,
  notes: ['seen'],
  problems: [],
  evidence: [],
  ...others,
})

describe('the row of a fault', () => {
  it('sums its seeds, and passes when every requirement holds', () => {
    const row = summariseFault(fault, [run(1), run(2)])
    expect(row).toMatchObject({
      seeds: [1, 2],
      jobs: 20,
      injections: 2,
      accepted: 20,
      completed: 18,
      failed: { photo_refused: 2 },
      model_calls_per_job: 1.1,
      dead_letters: 4,
      recovery_p50_ms: 200,
      recovery_by_injection: { duplicates: { met: 4, max_ms: 300 } },
      slowest_step_ms: 100,
      notes: ['seen'],
      problems: [],
    })
    expect(formatMarkdown([row])).toContain('| F99 a fault | 20 | 2 | 20 | 20 | 18 | 2 photo_refused | 0 | 0 | 1.100 |')
    expect(formatText([row])).toMatch(/held$/)
  })

  it('names its variant in the row, and in the table when it is not the default one', () => {
    const [single, stages] = [summariseFault(fault, [run(1)]), summariseFault(fault, [run(1)], 'stages')]
    expect([single.variant, stages.variant]).toEqual(['single', 'stages'])
    expect(formatMarkdown([single, stages])).toMatch(/F99 a fault \|.*\n.*F99 a fault \(stages\) \|/)
  })

  const broken: [string, FaultRun, RegExp][] = [
    ['a lost job', run(1, { lost: 1 }), /1 jobs were lost/],
    ['a doubled job', run(1, { doubled: 2 }), /2 jobs were doubled/],
    [
      'a failure without a cause',
      run(1, { violations: [{ kind: 'failed_without_cause', jobId: 'a', detail: '' }] }),
      /failed without a cause/,
    ],
    ['a recovery over the bound', run(1, { recoveries: [{ jobId: 'a', injection: 'kill', tookMs: 2_100 }] }), /2\.1 s/],
    ['a problem of its own', run(1, {}, { problems: ['the API hung'] }), /seed 1: the API hung/],
    ['nothing that was accepted', run(1, { accepted: 0 }), /no job was accepted/],
    ['nothing that was injected', run(1, {}, { injections: [] }), /nothing was done/],
  ]
  it.each(broken)('is broken by %s', (_, one, problem) => {
    const row = summariseFault(fault, [one])
    expect(formatProblems([row]).join('\n')).toMatch(problem)
    expect(formatText([row])).toMatch(/BROKEN$/)
  })
})
