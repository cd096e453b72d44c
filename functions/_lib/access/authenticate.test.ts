import { expect, test } from 'vitest'
import { createHttpApp } from '../http/http-app.ts'
import { createMetrics } from '../process/metrics.ts'
import { authenticate } from './authenticate.ts'

const ignore = () => undefined
const log = { debug: ignore, info: ignore, warn: ignore, error: ignore }
const person = { userId: 'user-1', sessionId: 'session-1' }

function ask(authorization?: string) {
  const app = createHttpApp({ log, metrics: createMetrics('test') })
  app.get(
    '/',
    authenticate(async (token) => (token === 'good.token' ? person : undefined)),
    (c) => c.json(c.var.person),
  )
  return app.request('/', authorization === undefined ? {} : { headers: { authorization } })
}

test.each(['Bearer good.token', 'bearer good.token', 'BEARER good.token'])(
  '%s passes, with the person',
  async (header) => {
    expect(await (await ask(header)).json()).toEqual(person)
  },
)

test.each([undefined, '', 'Bearer', 'Basic dXNlcjpwYXNz', 'good.token', 'Bearer  good.token', 'Bearer good.token x'])(
  '%j is no token: the response only asks for one',
  async (header) => {
    const response = await ask(header)
    expect(response.status).toBe(401)
    expect(response.headers.get('www-authenticate')).toBe('Bearer')
    expect(await response.json()).toMatchObject({ reason: 'token_missing' })
  },
)

test('a token that is refused gets "invalid_token", and is not repeated', async () => {
  const response = await ask('Bearer bad.token')
  expect(response.status).toBe(401)
  expect(response.headers.get('www-authenticate')).toBe('Bearer error="invalid_token"')
  const text = await response.text()
  expect(JSON.parse(text)).toMatchObject({ reason: 'token_invalid' })
  expect(text).not.toContain('bad.token')
})
