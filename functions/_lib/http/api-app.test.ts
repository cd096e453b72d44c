import { describe, expect, it } from 'vitest'
import { networksOf } from '../limits/networks.ts'
import type { Route } from '../process/function-spec.ts'
import { createMetrics } from '../process/metrics.ts'
import { silentLog } from '../testing/silent-log.ts'
import { createApiApp } from './api-app.ts'

const person = { userId: 'user-1', sessionId: 'session-1' }
const origin = 'https://web.growbin.test'
const routes = [
  { method: 'GET', path: '/api/v1/things/:thing_id' },
  { method: 'POST', path: '/api/v1/things' },
  { method: 'GET', path: '/.well-known/things.json', access: 'public' },
  { method: 'POST', path: '/api/v1/operations/things', access: 'operator' },
] as const satisfies Route[]

function createApp() {
  const app = createApiApp({
    log: silentLog,
    metrics: createMetrics('test'),
    routes,
    verifyAccessToken: async (token) => (token === 'valid' ? person : undefined),
    verifyOperatorToken: async (token) => (token === 'operator' ? { name: 'kim' } : undefined),
    operatorNetworks: networksOf(['10.0.0.0/8']),
    trustedProxies: networksOf(['10.0.0.0/16']),
    webOrigins: [origin],
  })
  // A handler on every path there is, as a careless function would have it.
  app.all('*', (c) => c.json({ person: c.get('person') ?? null, operator: c.get('operator') ?? null }))
  return app
}

/** A request from one of our proxies, on behalf of `forwarded` when that is given. */
const send = (method: string, path: string, token?: string, remoteAddress = '10.0.1.7', forwarded?: string) =>
  createApp().request(
    path,
    {
      method,
      headers: {
        ...(token !== undefined && { authorization: `Bearer ${token}` }),
        ...(forwarded !== undefined && { 'x-forwarded-for': forwarded }),
      },
    },
    { incoming: { socket: { remoteAddress } } },
  )

describe('createApiApp', () => {
  it.each([
    ['GET', '/api/v1/things/1'],
    ['HEAD', '/api/v1/things/1'],
    ['POST', '/api/v1/things'],
  ])('refuses %s %s without an access token, although the handler would answer', async (method, path) => {
    expect((await send(method, path)).status).toBe(401)
    expect((await send(method, path, 'other')).status).toBe(401)
    expect((await send(method, path, 'valid')).status).toBe(200)
  })

  it('passes the person to the handler', async () => {
    expect(await (await send('GET', '/api/v1/things/1', 'valid')).json()).toEqual({ person, operator: null })
  })

  it('opens a public route and requires no token', async () => {
    const response = await send('GET', '/.well-known/things.json')
    expect([response.status, await response.json()]).toEqual([200, { person: null, operator: null }])
  })

  it.each([
    ['DELETE', '/api/v1/things/1'],
    ['GET', '/api/v1/things'],
    ['GET', '/api/v1/things/1/parts'],
    ['GET', '/api/v1/things/'],
    ['GET', '/xwell-known/things.json'],
    ['GET', '/.well-known/thingsXjson'],
  ])('has no %s %s, which the specification does not declare, even for a signed-in person', async (method, path) => {
    expect((await send(method, path, 'valid')).status).toBe(404)
  })

  it('answers the probes of the platform', async () => {
    for (const path of ['/healthz', '/readyz', '/metrics']) expect((await send('GET', path)).status).toBe(200)
  })

  it('C3 lets a browser read an answer and a refusal for our own origin, and for no other', async () => {
    const ask = (from: string) => createApp().request('/api/v1/things', { method: 'POST', headers: { origin: from } })
    const [own, other] = [await ask(origin), await ask('https://evil.test')]
    expect([own.status, other.status]).toEqual([401, 401])
    expect(own.headers.get('access-control-allow-origin')).toBe(origin)
    expect(own.headers.get('access-control-expose-headers')).toContain('retry-after')
    expect(other.headers.get('access-control-allow-origin')).toBeNull()
  })

  it('C3 answers a preflight of our own origin, for which there is no token yet', async () => {
    const ask = (from: string) =>
      createApp().request('/api/v1/things/1', {
        method: 'OPTIONS',
        headers: { origin: from, 'access-control-request-method': 'GET' },
      })
    expect((await ask(origin)).status).toBe(204)
    expect((await ask('https://evil.test')).status).toBe(404)
  })

  it('keeps operators and people apart', async () => {
    const operations = '/api/v1/operations/things'
    expect((await send('POST', operations)).status).toBe(401)
    expect((await send('POST', operations, 'valid')).status).toBe(401)
    expect((await send('POST', '/api/v1/things', 'operator')).status).toBe(401)
    const allowed = await send('POST', operations, 'operator')
    expect([allowed.status, await allowed.json()]).toEqual([200, { person: null, operator: { name: 'kim' } }])
  })

  it('hides routes for operators from outside of their networks, with a good token and without', async () => {
    const operations = '/api/v1/operations/things'
    const nothing = (await (await send('POST', '/api/v1/no-such-thing')).json()) as object
    const outside = [
      ['10.0.1.7', '203.0.113.9'],
      ['10.0.1.7', '10.2.3.4, 203.0.113.9, 10.0.1.8'],
      ['203.0.113.9', '10.2.3.4'],
      ['192.168.1.1', undefined],
    ] as const
    for (const [peer, forwarded] of outside) {
      for (const token of ['operator', 'valid', undefined]) {
        const refused = await send('POST', operations, token, peer, forwarded)
        expect(refused.status).toBe(404)
        expect(await refused.json()).toEqual({ ...nothing, request_id: expect.any(String) })
      }
    }
    expect((await send('POST', operations, 'operator', '10.0.1.7', '1.1.1.1, 10.2.3.4')).status).toBe(200)
    // Without a socket the address is unknown.
    const unknown = await createApp().request(operations, {
      method: 'POST',
      headers: { authorization: 'Bearer operator' },
    })
    expect(unknown.status).toBe(404)
  })

  it('refuses at construction a route that no request could pass', () => {
    const options = { log: silentLog, metrics: createMetrics('test'), routes }
    expect(() => createApiApp(options)).toThrow('verifyAccessToken')
    const people = { ...options, verifyAccessToken: async () => undefined }
    expect(() => createApiApp(people)).toThrow('verifyOperatorToken')
    expect(() => createApiApp({ ...people, verifyOperatorToken: async () => undefined })).toThrow('operatorNetworks')
  })
})
