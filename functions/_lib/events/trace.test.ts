import { describe, expect, test } from 'vitest'
import { continueTrace, currentContext, runInContext, traceIdOf } from './trace.ts'

const traceId = '0af7651916cd43dd8448eb211c80319c'
const spanId = 'b7ad6b7169203331'

// https://www.w3.org/TR/trace-context/, 3.2.2, and the cases of the working group's own test suite.
describe('a trace goes on', () => {
  test.each([
    [`00-${traceId}-${spanId}-01`, '01'],
    [`00-${traceId}-${spanId}-00`, '00'],
    [`00-${traceId}-${spanId}-03`, '03'],
    [`00-${traceId}-${spanId}-ff`, '03'],
    [`cc-${traceId}-${spanId}-01`, '01'],
    [`cc-${traceId}-${spanId}-01-what-the-future-will-be-like`, '01'],
  ])('after %s', (header, flags) => {
    const next = continueTrace(header)
    expect(next).toMatch(new RegExp(`^00-${traceId}-[0-9a-f]{16}-${flags}$`))
    expect(next).not.toContain(spanId)
  })
})

describe('a new trace begins', () => {
  test.each([
    undefined,
    '',
    'nonsense',
    `00-${traceId}-${spanId}`,
    `00-${traceId}-${spanId}-01-more`,
    `00-${traceId}-${spanId}-01.`,
    `cc-${traceId}-${spanId}-01.what`,
    `ff-${traceId}-${spanId}-01`,
    `00-${'0'.repeat(32)}-${spanId}-01`,
    `00-${traceId}-${'0'.repeat(16)}-01`,
    `00-${traceId.toUpperCase()}-${spanId}-01`,
    `00-${traceId.slice(1)}-${spanId}-01`,
    `00-${traceId}-${spanId}0-01`,
    `0-${traceId}-${spanId}-01`,
    `00-${traceId}-${spanId}-1`,
    `00-${traceId}-${spanId}-xx`,
    ` 00-${traceId}-${spanId}-01`,
    `00_${traceId}_${spanId}_01`,
  ])('after %j', (header) => {
    const next = continueTrace(header)
    expect(next).toMatch(/^00-[0-9a-f]{32}-[0-9a-f]{16}-01$/)
    expect(traceIdOf(next)).not.toBe(traceId)
  })
})

test('two traces never share an id', () => {
  const ids = new Set(Array.from({ length: 1000 }, () => traceIdOf(continueTrace(undefined))))
  expect(ids.size).toBe(1000)
})

test('what runs in a context sees it, also later, and nothing outside does', async () => {
  const context = { requestId: 'request-1', traceparent: continueTrace(undefined) }
  const seen = await runInContext(context, async () => {
    await new Promise((resolve) => setImmediate(resolve))
    return currentContext()
  })
  expect(seen).toEqual(context)
  expect(currentContext()).toBeUndefined()
})
