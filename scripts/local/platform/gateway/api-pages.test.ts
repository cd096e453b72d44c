import { createServer, type Server } from 'node:http'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { listenOn } from '../http/free-address.ts'
import { createApiPages } from './api-pages.ts'

let server: Server
let url: string

beforeAll(async () => {
  const pages = createApiPages(async () => '{"openapi":"3.1.0"}')
  server = createServer((incoming, outgoing) => {
    if (!pages.answer(incoming, outgoing, incoming.url ?? '')) outgoing.writeHead(404).end()
  })
  url = `http://127.0.0.1:${await listenOn(server, 0)}`
})

afterAll(() => server.close())

test('everything that the page loads is served by this host, with its media type', async () => {
  const page = await (await fetch(`${url}/api/v1/docs`)).text()
  const loaded = [...page.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, to = '']) => new URL(to, `${url}/api/v1/docs`))
  expect(loaded.map(({ origin, pathname }) => [origin, pathname])).toEqual([
    [url, '/api/v1/docs/favicon-32x32.png'],
    [url, '/api/v1/docs/swagger-ui.css'],
    [url, '/api/v1/docs/swagger-ui-bundle.js'],
    [url, '/api/v1/docs/start.js'],
  ])
  const types = await Promise.all(
    loaded.map(async (to) => {
      const response = await fetch(to)
      expect([response.status, (await response.text()).length > 0]).toEqual([200, true])
      return response.headers.get('content-type')
    }),
  )
  expect(types).toEqual([
    'image/png',
    'text/css; charset=utf-8',
    'text/javascript; charset=utf-8',
    'text/javascript; charset=utf-8',
  ])
})

test('the page may run only scripts of this host and connect only to it', async () => {
  const policy = (await fetch(`${url}/api/v1/docs`)).headers.get('content-security-policy')?.split('; ')
  expect(policy).toEqual(
    expect.arrayContaining(["default-src 'none'", "script-src 'self'", "connect-src 'self'", "frame-ancestors 'none'"]),
  )
})

test('the page renders the document of this host and validates it nowhere else', async () => {
  const script = await (await fetch(`${url}/api/v1/docs/start.js`)).text()
  expect(script).toContain("url: 'openapi.json'")
  expect(script).toContain('validatorUrl: null')
})

test.each(['/api/v1/docs/', '/api/v1/docs/package.json', '/api/v1/docs/index.html'])(
  'no other file of the renderer is served: %s',
  async (path) => {
    expect((await fetch(`${url}${path}`)).status).toBe(404)
  },
)
