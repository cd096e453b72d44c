import { expect, it } from 'vitest'
import { resumeSteps } from './resume-steps.ts'
import { tickOf } from './testing/batch-parts.ts'

function arrange(report: { resumed: number; givenUp: number }) {
  const reported: unknown[] = []
  const log = (level: string) => (_message: string, fields?: object) => void reported.push([level, fields])
  const run = resumeSteps(
    {
      resume: async () => report,
      log: { debug: log('debug'), info: log('info'), warn: log('warn'), error: log('error') },
      metrics: { count: (name, labels, amount) => void reported.push([name, labels, amount]) },
    },
    tickOf('batch.resume'),
  )
  return run.then(() => reported)
}

it('reports nothing while everything makes progress', async () => {
  expect(await arrange({ resumed: 0, givenUp: 0 })).toEqual([])
})

it('counts and logs resumed steps as a warning, and given up periods as an error', async () => {
  expect(await arrange({ resumed: 3, givenUp: 1 })).toEqual([
    ['batch_resumes_total', { outcome: 'resumed' }, 3],
    ['warn', { steps: 3 }],
    ['batch_resumes_total', { outcome: 'given_up' }, 1],
    ['error', { periods: 1 }],
  ])
})
