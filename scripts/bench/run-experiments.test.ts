import { existsSync } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { expect, test } from 'vitest'
import type { Experiment, Measurement } from './measurement.ts'
import { runExperiments } from './run-experiments.ts'
import { selectNames } from './select-names.ts'

const measured = (name: string): Measurement => ({
  name,
  unit: 'ms',
  value: 2,
  reference: 1,
  ratio: 2,
  spread: [2, 2],
  pairs: 1,
})

function createExperiment(names: string[]) {
  const wanted: string[][] = []
  const folders: string[] = []
  const experiment: Experiment = {
    names,
    about: `about ${names[0]}`,
    run: async (context) => {
      wanted.push([...context.wanted])
      folders.push(context.directory)
      expect(await readdir(context.directory)).toEqual([])
      context.note('a note')
      return names.map(measured)
    },
  }
  return { experiment, wanted, folders }
}

const report = () => undefined

test('without a prefix all experiments run, in order, with their notes', async () => {
  const cold = createExperiment(['cold-start-a', 'memory-a'])
  const status = createExperiment(['status-throughput'])
  const { measurements, notes } = await runExperiments([cold.experiment, status.experiment], { report })
  expect(measurements.map(({ name }) => name)).toEqual(['cold-start-a', 'memory-a', 'status-throughput'])
  expect(notes).toEqual(['about cold-start-a', '  a note', 'about status-throughput', '  a note'])
})

test('a prefix selects measurements, and experiments without a selected one do not run', async () => {
  const cold = createExperiment(['cold-start-a', 'memory-a'])
  const status = createExperiment(['status-throughput'])
  const { measurements } = await runExperiments([cold.experiment, status.experiment], { only: 'memory', report })
  expect(measurements.map(({ name }) => name)).toEqual(['memory-a'])
  expect(cold.wanted).toEqual([['memory-a']])
  expect(status.wanted).toEqual([])
})

test('an unknown name is an error that lists the known ones, and nothing runs', async () => {
  const cold = createExperiment(['cold-start-a'])
  await expect(runExperiments([cold.experiment], { only: 'nothing', report })).rejects.toThrow(
    'No measurement begins with "nothing"; expected one of cold-start-a',
  )
  expect(cold.wanted).toEqual([])
  expect(() => selectNames(['a'], 'ab')).toThrow('"ab"')
})

test('the folder of an experiment is removed afterwards, also when it fails', async () => {
  const good = createExperiment(['a'])
  await runExperiments([good.experiment], { report })
  let folder = ''
  const bad: Experiment = {
    names: ['b'],
    about: '',
    run: async ({ directory }) => {
      folder = directory
      throw new Error('it failed')
    },
  }
  await expect(runExperiments([bad], { report })).rejects.toThrow('it failed')
  expect([...good.folders, folder].map((path) => existsSync(path))).toEqual([false, false])
})
