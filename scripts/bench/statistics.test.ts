import { expect, test } from 'vitest'
import { compare, median, quantile } from './statistics.ts'

test('a quantile interpolates between the two nearest values, in any order', () => {
  expect(quantile([40, 10, 30, 20], 0.5)).toBe(25)
  expect(quantile([40, 10, 30, 20], 0)).toBe(10)
  expect(quantile([40, 10, 30, 20], 1)).toBe(40)
  expect(quantile([5, 1, 3, 2, 4], 0.95)).toBeCloseTo(4.8)
  expect(median([7])).toBe(7)
})

test('values are sorted numerically, and the array of the caller is not changed', () => {
  const values = [100, 9, 20]
  expect(median(values)).toBe(20)
  expect(values).toEqual([100, 9, 20])
})

test('an empty array has no quantile', () => {
  expect(() => median([])).toThrow('no quantile')
})

test('the ratio is the median of the pair ratios, so a disturbance of both halves does not change it', () => {
  const calm = [10, 12, 14].map((reference) => ({ value: reference * 2, reference }))
  const disturbed = { value: 2_000, reference: 1_000 }
  expect(compare([...calm, disturbed])).toEqual({
    value: 26,
    reference: 13,
    ratio: 2,
    spread: [2, 2],
    pairs: 4,
  })
})

test('the spread contains the middle half of the ratios', () => {
  const pairs = [1, 2, 3, 4, 5].map((value) => ({ value, reference: 1 }))
  expect(compare(pairs)).toMatchObject({ ratio: 3, spread: [2, 4] })
})
