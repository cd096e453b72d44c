import { expect, test } from 'vitest'
import { formatLogLine } from './format-log-line.ts'

const entry = { level: 'warn', time: '2026-11-21T01:47:02.138Z', service: 'waste-status', message: 'Redis is away' }

test('shows time, level, service and message, then the other fields', () => {
  const line = JSON.stringify({ ...entry, request_id: 'hidden', trace_id: 'abc', place: { lat: 37 } })
  expect(formatLogLine(line, false)).toBe('01:47:02.138 warn  waste-status Redis is away trace_id=abc place={"lat":37}')
})

test('shows an error with its causes and without its stack', () => {
  const error = {
    name: 'Error',
    message: 'no answer',
    stack: 'at x',
    cause: { name: 'E', message: 'refused', code: 'ECONNREFUSED' },
  }
  expect(formatLogLine(JSON.stringify({ ...entry, error }), false)).toMatch(
    / error=Error: no answer ← E: refused \(ECONNREFUSED\)$/,
  )
})

test('colours the level only when asked to', () => {
  expect(formatLogLine(JSON.stringify(entry), true)).toContain('\u001b[33mwarn \u001b[0m')
})

test.each(['', 'plain text', '{broken'])('does not change the line "%s"', (line) => {
  expect(formatLogLine(line, true)).toBe(line)
})
