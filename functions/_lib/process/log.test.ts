import { expect, test } from 'vitest'
import { continueTrace, runInContext, traceIdOf } from '../events/trace.ts'
import { createLogger } from './log.ts'

function collect(level: 'debug' | 'info' = 'debug') {
  const lines: Record<string, unknown>[] = []
  const write = (line: string) => lines.push(JSON.parse(line) as Record<string, unknown>)
  return { lines, log: createLogger({ service: 'test', revision: 'r1', level, destination: { write } }) }
}

test('every line of a request has its trace id and request id, and no other line has', async () => {
  const { lines, log } = collect()
  const context = { requestId: 'request-1', traceparent: continueTrace(undefined) }
  log.info('before')
  await runInContext(context, async () => {
    log.debug('first')
    await new Promise((resolve) => setImmediate(resolve))
    log.warn('second', { count: 1 })
  })
  log.error('after')
  const ids = { trace_id: traceIdOf(context.traceparent), request_id: 'request-1' }
  const base = { service: 'test', revision: 'r1', time: expect.stringMatching(/^\d{4}-.*Z$/) }
  expect(lines).toEqual([
    { ...base, level: 'info', message: 'before' },
    { ...base, ...ids, level: 'debug', message: 'first' },
    { ...base, ...ids, level: 'warn', message: 'second', count: 1 },
    { ...base, level: 'error', message: 'after' },
  ])
})

test('lines below the level are not written', () => {
  const { lines, log } = collect('info')
  log.debug('no')
  log.info('yes')
  expect(lines.map(({ message }) => message)).toEqual(['yes'])
})

test('any thrown value is written as its description', () => {
  const { lines, log } = collect()
  log.error('failed', { error: Object.assign(new Error('why'), { code: 'ECODE', password: 'canary' }) })
  log.error('failed', { error: 'canary' })
  expect(lines[0]).toMatchObject({ error: { name: 'Error', message: 'why', code: 'ECODE' } })
  expect(lines[1]).toMatchObject({ error: { name: 'NonError', message: 'string' } })
  expect(JSON.stringify(lines)).not.toContain('canary')
})
