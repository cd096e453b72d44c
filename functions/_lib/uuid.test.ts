import fc from 'fast-check'
import { expect, test } from 'vitest'
import { isUuid } from './read-body.ts'
import { createUuidV7 } from './uuid.ts'

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
