import { describe, expect, it } from 'vitest'
import { analysisSteps, stepEventId } from '../../../functions/waste/analysis-step.ts'
import { repositoryRoot } from '../../lib/repository-root.ts'
import { loadSpecs } from '../../manifests/load-specs.ts'
import { eventsOf } from '../actions/publish-stored.ts'
import { type FailpointRule, failpointRules } from '../failpoints/rules.ts'
import { analyses, workerNames } from './analysis.ts'

describe.each(Object.values(analyses))('the analysis of the variant "$variant"', (analysis) => {
  it('names functions that exist, with the queues that they take events from', async () => {
    const catalogue = new Map((await loadSpecs(repositoryRoot)).map(({ spec }) => [spec.name, spec]))
    for (const { name, queue } of analysis.workers) expect(catalogue.get(name)?.trigger).toMatchObject({ queue })
    expect(workerNames(analysis)).toContain(analysis.modelCaller)
  })

  it('has every function killed before it claims a job, before its commit and after it', () => {
    const rules: readonly FailpointRule[] = failpointRules
    const serviceOf = (step: string) => rules.find(({ name }) => name === step)?.service
    for (const moment of ['before-claim', 'before-commit', 'after-commit']) {
      const killed = analysis.steps.filter((step) => step.endsWith(moment)).map(serviceOf)
      expect(killed).toEqual(workerNames(analysis))
    }
    const calling = analysis.steps.filter((step) => step.endsWith('-model')).map(serviceOf)
    expect(calling).toEqual([analysis.modelCaller, analysis.modelCaller])
  })
})

it('derives the events of all steps from the command, under the ids that their producers give them', () => {
  const jobId = '0198c5f2-7b1e-7d36-9a55-3f6b8a1f0c2d'
  const [first] = analyses.stages.workers
  const command = {
    id: 'the command',
    source: '/x',
    type: first.type,
    subject: jobId,
    data: {},
    extensions: { queue: first.queue },
  }
  const events = eventsOf(analyses.stages, command)
  expect(events.map(({ id }) => id)).toEqual([
    'the command',
    ...analysisSteps.slice(1).map((step) => stepEventId(jobId, step)),
  ])
  expect(events.map(({ type, extensions }) => [type, extensions.queue])).toEqual(
    analyses.stages.workers.map(({ type, queue }) => [type, queue]),
  )
  expect(eventsOf(analyses.single, command)).toEqual([command])
})
