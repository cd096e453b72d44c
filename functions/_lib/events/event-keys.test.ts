import { expect, test } from 'vitest'
import { parseEventKeys, testEventKey } from '../testing/test-event-keys.ts'

const key = testEventKey('a')
const producer = { key: testEventKey('b'), sources: ['/partners/b'], types: ['t'] }
const bytes = (count: number, fill = (n: number) => n) =>
  Buffer.from(Array.from({ length: count }, (_, n) => fill(n))).toString('base64')

test('keys are read from one variable', () => {
  const { current, keys, producers } = parseEventKeys(
    JSON.stringify({ current: 'a', keys: { a: key }, producers: { b: producer } }),
  )
  expect(current).toBe('a')
  expect(keys.a?.export().toString('base64')).toBe(key)
  expect(producers.b).toMatchObject({ sources: ['/partners/b'], types: ['t'] })
})

test.each([
  ['nothing', '', 'is missing'],
  ['no JSON', 'a-secret', 'expected JSON'],
  ['an empty key', JSON.stringify({ current: 'a', keys: { a: '' } }), 'expected keys of 32 bytes'],
  ['a key of 31 bytes', JSON.stringify({ current: 'a', keys: { a: bytes(31) } }), 'expected keys of 32 bytes'],
  ['a key of zeros', JSON.stringify({ current: 'a', keys: { a: bytes(32, () => 0) } }), 'placeholder'],
  ['a repeated word', JSON.stringify({ current: 'a', keys: { a: btoa('changeme'.repeat(5)) } }), 'placeholder'],
  ['a key that is no base64', JSON.stringify({ current: 'a', keys: { a: 'not base64!' } }), 'base64'],
  ['a signing key that is not there', JSON.stringify({ current: 'b', keys: { a: key } }), 'expected "current" to name'],
  [
    'the key of a producer that signs',
    JSON.stringify({ current: 'b', keys: { a: key }, producers: { b: producer } }),
    'expected "current" to name',
  ],
  [
    'one name for two keys',
    JSON.stringify({ current: 'a', keys: { a: key }, producers: { a: producer } }),
    'expected no name in both',
  ],
  [
    'a producer without sources',
    JSON.stringify({ current: 'a', keys: { a: key }, producers: { b: { ...producer, sources: [] } } }),
    'is wrong',
  ],
  [
    'a producer without limits',
    JSON.stringify({ current: 'a', keys: { a: key }, producers: { b: { key } } }),
    'is wrong',
  ],
])('%s is refused at the start, and is not repeated in the message', (_, text, problem) => {
  const message = messageOf(() => parseEventKeys(text))
  expect(message).toContain('"EVENT_KEYS"')
  expect(message).toContain(problem)
  expect(message).not.toContain(key)
})

function messageOf(run: () => unknown): string {
  try {
    run()
  } catch (error) {
    return (error as Error).message
  }
  return ''
}
