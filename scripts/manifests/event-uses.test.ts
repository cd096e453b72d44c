import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import type { FunctionSpec } from '../../functions/_lib/process/function-spec.ts'
import { findEventUses, loadEvents } from './event-uses.ts'
import { imageEvent, tickEvent } from './example-events.ts'
import { cronSpec, httpSpec, loaded, queueSpec, scheduledSpec } from './example-specs.ts'
import { loadSpecs } from './load-specs.ts'

const repository = fileURLToPath(new URL('../..', import.meta.url))
const usesOf = (...specs: readonly FunctionSpec[]) => findEventUses([imageEvent, tickEvent], loaded(...specs))

test('a handler is a function that declares to handle the event, and none that has its queue', () => {
  const [image] = usesOf({ ...queueSpec, handles: [imageEvent.contract] }, scheduledSpec)
  expect(image).toMatchObject({ handlers: ['waste-ai-analyze'], producers: [] })
  expect(usesOf(queueSpec)[0]).toMatchObject({ handlers: [] })
})

test('a producer is a function that declares to publish the event', () => {
  const [image, tick] = usesOf({ ...httpSpec, publishes: [imageEvent.contract] }, queueSpec)
  expect(image).toMatchObject({ producers: ['waste-presign'], eventSources: ['/growbin/waste-presign'], handlers: [] })
  expect(tick?.producers).toEqual([])
})

test('what cron sources send comes from those of the queue', () => {
  const [image, tick] = usesOf(httpSpec, queueSpec, { ...scheduledSpec, handles: [tickEvent.contract] })
  expect(image?.cronSources).toEqual([])
  expect(tick).toMatchObject({
    cronSources: ['jobs-scheduled-cleanup-images'],
    handlers: ['jobs-scheduled-cleanup'],
    eventSources: ['/apis/v1/namespaces/messaging/pingsources/jobs-scheduled-cleanup-images'],
  })
})

test('a tick that goes straight to a function is none of the broker', () => {
  const [, tick] = usesOf({ ...cronSpec, handles: [tickEvent.contract] })
  expect(tick).toMatchObject({ cronSources: [], handlers: [], eventSources: [] })
})

test('every event that a function of a queue declares has a contract in the folder of contracts', async () => {
  const specs = await loadSpecs(repository)
  const types = (await loadEvents(repository, specs)).map(({ contract: { type, queue } }) => `${queue} ${type}`)
  const declared = specs.flatMap(({ spec: { trigger, handles, publishes } }) => [
    ...('queue' in trigger ? handles : []),
    ...publishes,
  ])
  expect(declared.map(({ type, queue }) => `${queue} ${type}`).filter((name) => !types.includes(name))).toEqual([])
})
