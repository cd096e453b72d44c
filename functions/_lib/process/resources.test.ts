import { expect, test } from 'vitest'
import { createResources } from './resources.ts'

test('resources close in reverse order, all of them, even when some fail', async () => {
  const closed: string[] = []
  const resources = createResources()
  const resource = (name: string, failure?: () => Promise<void>) =>
    resources.add({
      close: () => {
        closed.push(name)
        return failure ? failure() : Promise.resolve()
      },
    })
  resource('first')
  resource('rejects', () => Promise.reject(new Error('no')))
  resource('throws', () => {
    throw new Error('at once')
  })
  resource('last')
  await expect(resources.close()).rejects.toThrow('2 resource(s) did not close')
  expect(closed).toEqual(['last', 'throws', 'rejects', 'first'])
})

test('closing waits for each before the next, and a second time does nothing', async () => {
  const events: string[] = []
  const resources = createResources()
  for (const name of ['a', 'b']) {
    resources.add({
      close: async () => {
        events.push(`${name} begins`)
        await new Promise((resolve) => setImmediate(resolve))
        events.push(`${name} ends`)
      },
    })
  }
  await resources.close()
  await resources.close()
  expect(events).toEqual(['b begins', 'b ends', 'a begins', 'a ends'])
})

test('add returns what it takes', () => {
  const resource = { close: async () => undefined, other: 1 }
  expect(createResources().add(resource)).toBe(resource)
})
