import { expect, test } from 'vitest'
import { createLogger } from '../process/log.ts'
import { createMetrics } from '../process/metrics.ts'
import { DatabaseError } from '../stores/database-error.ts'
import { expectProblem, expectSafeHeaders } from '../testing/expect-problem.ts'
import { notFound, ProblemError, statusOf, UnavailableError } from './errors.ts'
import { createHttpApp } from './http-app.ts'

const canary = 'canary-93ab'
const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'

function createApp(failure?: unknown) {
  const lines: Record<string, unknown>[] = []
  const write = (line: string) => lines.push(JSON.parse(line) as Record<string, unknown>)
  const log = createLogger({ service: 'test', level: 'debug', destination: { write } })
  const metrics = createMetrics('test')
  const app = createHttpApp({ log, metrics })
  app.get('/things/:id', (c) => {
    if (failure) throw failure
    return c.json({ ok: true })
  })
  app.post('/things', async (c) => c.json({ length: (await c.req.text()).length }))
  return { app, lines, metrics }
}

test.each(Object.entries(statusOf))(
  'a problem "%s" is answered with %i, in the language of the caller',
  async (code, status) => {
    const problem = new ProblemError(code as keyof typeof statusOf, {
      reason: 'some_reason',
      detail: { ko: '안 됩니다.', en: 'It cannot be.' },
      retryAfterSeconds: 1.2,
      headers: { 'x-more': 'yes' },
      cause: new Error(canary),
    })
    const response = await createApp(problem).app.request('/things/1', { headers: { 'accept-language': 'en' } })
    expect(response.headers.get('retry-after')).toBe('2')
    expect(response.headers.get('x-more')).toBe('yes')
    expect(response.headers.get('content-language')).toBe('en')
    expect(await expectProblem(response, status)).toMatchObject({ reason: 'some_reason', detail: 'It cannot be.' })
    const korean = await createApp(problem).app.request('/things/1')
    expect(await expectProblem(korean, status)).toMatchObject({ detail: '안 됩니다.' })
  },
)

test.each([
  ['an unexpected error', new Error(canary), 500, 'internal'],
  ['a refused statement', new DatabaseError(canary, '23505', canary), 500, 'internal'],
  ['an unavailable dependency', new UnavailableError('redis', canary), 503, 'dependency_unavailable'],
])('%s reveals nothing of its cause to the caller', async (_, failure, status, reason) => {
  const response = await createApp(failure).app.request('/things/1')
  const problem = await expectProblem(response, status)
  expect(problem.reason).toBe(reason)
  expect(JSON.stringify([problem, [...response.headers]])).not.toContain(canary)
  expect(response.headers.get('retry-after')).toBe(status === 503 ? '2' : null)
})

test('a failure is logged with the trace of the request, by the pattern of its path', async () => {
  const { app, lines } = createApp(new Error('why'))
  await app.request('/things/secret-id?token=secret', { headers: { traceparent, 'x-request-id': 'request-1' } })
  expect(lines).toHaveLength(2)
  for (const line of lines) {
    expect(line).toMatchObject({ trace_id: '0af7651916cd43dd8448eb211c80319c', request_id: 'request-1' })
  }
  expect(lines[0]).toMatchObject({ level: 'error', message: 'The request failed', error: { message: 'why' } })
  expect(JSON.stringify(lines)).not.toContain('token=')
})

test('a mistake of the caller is not logged as an error', async () => {
  const { app, lines } = createApp(notFound())
  await expectProblem(await app.request('/things/1'), 404)
  expect(lines.map(({ level }) => level)).toEqual(['debug'])
})

test('readiness calls no dependency: an instance that answers is ready, also while requests fail', async () => {
  const { app } = createApp(new Error('the database is unavailable'))
  expect((await app.request('/things/1')).status).toBe(500)
  const response = await app.request('/readyz')
  expect([response.status, await response.text()]).toEqual([200, 'ok'])
})

test.each(['/healthz', '/readyz', '/metrics', '/things/1', '/no/such/path'])(
  'C4: %s is answered with HSTS, nosniff, no-store, and a policy that loads and frames nothing',
  async (path) => {
    expectSafeHeaders(await createApp().app.request(path))
    expectSafeHeaders(await createApp(new Error(canary)).app.request(path))
  },
)

test('durations are measured by method and status, and by no path', async () => {
  const { app, metrics } = createApp()
  await app.request('/things/secret-id')
  const { body } = await metrics.render()
  expect(body).toContain('http_request_duration_seconds_count{service="test",method="GET",status="200"} 1')
  expect(body).not.toContain('secret-id')
})

test('a body of exactly 64 KiB is taken, and one byte more is not', async () => {
  const post = (length: number) => createApp().app.request('/things', { method: 'POST', body: 'x'.repeat(length) })
  expect(await (await post(65_536)).json()).toEqual({ length: 65_536 })
  await expectProblem(await post(65_537), 413)
})
