import { expect, it } from 'vitest'
import { readRetryAfterSeconds } from './retry-after.ts'

const nowMs = Date.parse('2026-11-21T00:00:00Z')
const read = (headers: Record<string, string>) => readRetryAfterSeconds(new Headers(headers), nowMs)

it.each([
  ['5', 5],
  [' 120 ', 120],
  ['0', 1],
  ['999999', 3_600],
  ['Sat, 21 Nov 2026 00:00:30 GMT', 30],
  ['Sat, 21 Nov 2026 09:00:00 GMT', 3_600],
  ['Fri, 20 Nov 2026 23:00:00 GMT', 1],
])('reads %j as %i seconds, never under one and never over an hour', (header, expected) => {
  expect(read({ 'retry-after': header })).toBe(expected)
})

it.each(['', 'soon', '-5', '1.5', '99999999999', '2026-11-21T00:00:30Z', 'Sat, 41 Nov 2026 00:00:30 GMT'])(
  'takes %j for none',
  (header) => {
    expect(read({ 'retry-after': header })).toBeUndefined()
  },
)

it('compares a date with the clock of its sender', () => {
  const headers = { 'retry-after': 'Sat, 21 Nov 2026 00:10:20 GMT', date: 'Sat, 21 Nov 2026 00:10:00 GMT' }
  expect(read(headers)).toBe(20)
})
