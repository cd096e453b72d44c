import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { findContractProblems } from './contract-problems.ts'
import type { EventUse } from './event-uses.ts'
import { loadEvents } from './event-uses.ts'
import { imageEvent, tickEvent } from './example-events.ts'
import { loadSpecs } from './load-specs.ts'

const repository = fileURLToPath(new URL('../..', import.meta.url))
const events = await loadEvents(repository, await loadSpecs(repository))

test.each(events.map((event) => [event.source, event] as const))(
  '%s has an example that satisfies it, a type that agrees with its name, and a handler',
  (_, event) => {
    expect(event.contract.schema.safeParse(event.contract.example).error).toBeUndefined()
    expect(findContractProblems([event])).toEqual([])
  },
)

test('every contract of an event is found, and no other file of the folder', () => {
  const names = events.map(({ name }) => name)
  expect(names).toEqual(expect.arrayContaining(['ai-image-analyze.v1', 'sched-cleanup-tick.v1']))
  expect(names).not.toContain('waste-category.v1')
  expect(findContractProblems(events)).toEqual([])
})

const withType = (type: string): EventUse => ({
  ...imageEvent,
  contract: { ...imageEvent.contract, type: type as EventUse['contract']['type'] },
})

test.each<[string, EventUse, string]>([
  [
    'an example that breaks the schema',
    { ...imageEvent, contract: { ...imageEvent.contract, example: { job_id: '1' } } },
    'the example breaks the schema at "job_id"',
  ],
  [
    'a type of another product',
    withType('com.example.ai.image.analyze.v1'),
    'is not "app.growbin.<queue>.<task>.v<n>"',
  ],
  ['a type without a version', withType('app.growbin.ai.image.analyze'), 'is not "app.growbin.<queue>.<task>.v<n>"'],
  ['a type without a task', withType('app.growbin.ai.v1'), 'is not "app.growbin.<queue>.<task>.v<n>"'],
  ['a type of version 0', withType('app.growbin.ai.image.analyze.v0'), 'is not "app.growbin.<queue>.<task>.v<n>"'],
  ['a type of another queue', withType('app.growbin.api.image.analyze.v1'), 'names another queue than "ai"'],
  ['a type of another task', withType('app.growbin.ai.image.hash.v1'), 'in a file named "ai-image-hash.v1.ts"'],
  [
    'a type of another version',
    withType('app.growbin.ai.image.analyze.v2'),
    'in a file named "ai-image-analyze.v2.ts"',
  ],
  ['an export of another name', { ...imageEvent, constant: 'analyze' }, 'is not named as its file: "aiImageAnalyzeV1"'],
  ['a tick in a file of another queue', { ...tickEvent, name: 'ai-tick.v1' }, 'not named "sched-<task>.v<n>.ts"'],
  ['an event that nobody handles', { ...imageEvent, handlers: [] }, 'expected "aiImageAnalyzeV1" in "handles"'],
])('refuses %s', (_, event, message) => {
  expect(findContractProblems([event]).join('\n')).toContain(message)
})

test('refuses a second contract of one type', () => {
  const other = { ...imageEvent, source: 'functions/_contracts/copy.ts' }
  expect(findContractProblems([imageEvent, tickEvent, other])).toEqual([
    'the type "app.growbin.ai.image.analyze.v1" of the queue "ai" is taken twice: functions/_contracts/events/ai-image-analyze.v1.ts and functions/_contracts/copy.ts',
  ])
})
