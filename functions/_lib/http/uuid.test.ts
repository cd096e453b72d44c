import fc from 'fast-check'
import { expect, test } from 'vitest'
import { isUuid } from './read-body.ts'
import { createUuidV5, createUuidV7 } from './uuid.ts'

test('the version and variant bits are those of RFC 9562', () => {
  for (let count = 0; count < 1000; count += 1) {
    const id = createUuidV7()
    expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
    expect(isUuid(id)).toBe(true)
  }
})

test('the time is in the first 48 bits, so ids sort as they were made', () => {
  const time = fc.integer({ min: 0, max: 2 ** 48 - 1 })
  fc.assert(
    fc.property(time, time, (a, b) => {
      const [first, second] = [createUuidV7(() => a), createUuidV7(() => b)]
      expect(Number.parseInt(first.replaceAll('-', '').slice(0, 12), 16)).toBe(a)
      if (a !== b) expect(first < second).toBe(a < b)
    }),
  )
})

test('ids of one millisecond differ', () => {
  expect(new Set(Array.from({ length: 10_000 }, () => createUuidV7(() => 1))).size).toBe(10_000)
})

test('a UUIDv5 is that of RFC 9562, A.4, and another for every other name or namespace', () => {
  const dns = '6ba7b810-9dad-11d1-80b4-00c04fd430c8'
  const url = '6ba7b811-9dad-11d1-80b4-00c04fd430c8'
  expect(createUuidV5(dns, 'www.example.com')).toBe('2ed6657d-e927-568b-95e1-2665a8aea6a2')
  const ids = [dns, url].flatMap((space) => ['a', 'b', ''].map((name) => createUuidV5(space, name)))
  expect(new Set(ids).size).toBe(6)
})
