import { createServer, type IncomingMessage, type RequestListener, request, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, expect, test } from 'vitest'
import { startGateway } from './gateway.ts'
import type { GatewayRoute } from './route-table.ts'

const opened: { close: () => unknown }[] = []
afterEach(async () => {
  for (const each of opened.splice(0)) await each.close()
})

const routesOf = (timeoutMs = 60_000, responseStartTimeoutMs = timeoutMs): GatewayRoute[] => {
  const service = { name: 'demo-items', timeoutMs, responseStartTimeoutMs }
  return (['GET', 'POST'] as const).map((method) => ({ method, path: '/api/items/:item_id', service }))
}

async function startFunction(listener: RequestListener): Promise<number> {
  const server = createServer(listener)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  opened.push({
    close: () => {
      server.closeAllConnections()
      server.close()
    },
  })
  return (server.address() as AddressInfo).port
}

async function openGateway(functionPort: number | undefined, routes = routesOf()): Promise<string> {
  const gateway = await startGateway({
    routes,
    portOf: () => functionPort,
    port: 0,
    describe: () => ({ name: 'demo' }),
  })
  opened.push(gateway)
  return `http://127.0.0.1:${gateway.port}`
}

const echo = (incoming: IncomingMessage, outgoing: ServerResponse) => {
  outgoing.writeHead(201, { 'content-type': 'application/json', 'set-cookie': ['a=1', 'b=2'] })
  outgoing.end(JSON.stringify({ method: incoming.method, url: incoming.url, headers: incoming.headers }))
}

test('passes method, path, query, headers, status and repeated headers through', async () => {
  const url = await openGateway(await startFunction(echo))
  const response = await fetch(`${url}/api/items/7?a=b`, { headers: { 'x-own': 'yes' } })
  expect(response.status).toBe(201)
  expect(response.headers.getSetCookie()).toEqual(['a=1', 'b=2'])
  expect(await response.json()).toMatchObject({ method: 'GET', url: '/api/items/7?a=b', headers: { 'x-own': 'yes' } })
})

test('appends the address of the peer to x-forwarded-for', async () => {
  const url = await openGateway(await startFunction(echo))
  const forwarded = async (headers: Record<string, string>) =>
    ((await (await fetch(`${url}/api/items/7`, { headers })).json()) as { headers: Record<string, string> }).headers
  expect(await forwarded({})).toMatchObject({ 'x-forwarded-for': '127.0.0.1', 'x-forwarded-proto': 'http' })
  expect(await forwarded({ 'x-forwarded-for': '203.0.113.9' })).toMatchObject({
    'x-forwarded-for': '203.0.113.9, 127.0.0.1',
  })
})

test('answers 404 for an unknown path, and 405 with Allow for an unknown method', async () => {
  const url = await openGateway(await startFunction(echo))
  for (const path of ['/api/items', '/api/items/', '/api/items/7/more', '/other']) {
    const response = await fetch(url + path)
    expect([path, response.status, ((await response.json()) as { reason: string }).reason]).toEqual([
      path,
      404,
      'not_found',
    ])
  }
  const refused = await fetch(`${url}/api/items/7`, { method: 'DELETE' })
  expect([refused.status, refused.headers.get('allow'), refused.headers.get('content-type')]).toEqual([
    405,
    'GET, POST',
    'application/problem+json',
  ])
})

test('names in Allow the methods of the route itself, and of no other whose parameter the path fits', async () => {
  const path = '/api/items/:item_id/:action'
  const service = { name: 'demo-items', timeoutMs: 60_000, responseStartTimeoutMs: 60_000 }
  const routes = [
    { method: 'GET', path, service },
    { method: 'DELETE', path: '/api/items/:item_id/replay', service },
    { method: 'POST', path: '/api/items/all/replay', service },
  ] as const
  const gateway = await startGateway({
    routes,
    portOf: () => undefined,
    port: 0,
    describe: () => ({}),
  })
  opened.push(gateway)
  const allowed = async (at: string) => {
    const { status, headers } = await fetch(`http://127.0.0.1:${gateway.port}/api/items/${at}`, { method: 'PUT' })
    return [status, headers.get('allow')]
  }
  expect(await allowed('all/replay')).toEqual([405, 'POST'])
  expect(await allowed('7/replay')).toEqual([405, 'DELETE'])
  expect(await allowed('7/other')).toEqual([405, 'GET'])
})

test('lets whoever answers GET answer HEAD', async () => {
  const url = await openGateway(await startFunction(echo))
  const response = await fetch(`${url}/api/items/7`, { method: 'HEAD' })
  expect([response.status, await response.text()]).toEqual([201, ''])
})

test('lets whoever answers a method answer the preflight of a browser for it, and no other OPTIONS', async () => {
  const url = await openGateway(await startFunction(echo))
  const ask = (headers: Record<string, string>) => fetch(`${url}/api/items/7`, { method: 'OPTIONS', headers })
  const preflight = await ask({ origin: 'https://web.test', 'access-control-request-method': 'POST' })
  expect(await preflight.json()).toMatchObject({ method: 'OPTIONS', headers: { origin: 'https://web.test' } })
  expect((await ask({ 'access-control-request-method': 'DELETE' })).status).toBe(405)
  expect((await ask({})).status).toBe(405)
})

test('does not pass on what belongs to one connection', async () => {
  const port = await startFunction(echo)
  const url = new URL(await openGateway(port))
  const body = await new Promise<string>((resolve, reject) => {
    const headers = { connection: 'close, x-hop', 'x-hop': 'secret', te: 'trailers', 'x-own': 'yes' }
    request({ host: url.hostname, port: url.port, path: '/api/items/7', headers }, (answer) => {
      let text = ''
      answer.on('data', (chunk) => (text += String(chunk))).on('end', () => resolve(text))
    })
      .on('error', reject)
      .end()
  })
  const { headers } = JSON.parse(body) as { headers: Record<string, string> }
  expect(headers).toMatchObject({ 'x-own': 'yes' })
  expect([headers['x-hop'], headers.te]).toEqual([undefined, undefined])
})

test('passes each part of a body and of an answer on while the rest is still to come', async () => {
  let received = ''
  const port = await startFunction((incoming, outgoing) => {
    incoming.on('data', (chunk) => {
      received += String(chunk)
      outgoing.write(`got ${chunk}`)
    })
    incoming.on('end', () => outgoing.end('end'))
  })
  const url = new URL(await openGateway(port))
  const parts: string[] = []
  const outgoing = request({ host: url.hostname, port: url.port, path: '/api/items/7', method: 'POST' })
  const ended = new Promise<void>((resolve) => {
    outgoing.on('response', (answer) => answer.on('data', (chunk) => parts.push(String(chunk))).on('end', resolve))
  })
  outgoing.write('one')
  await expect.poll(() => parts.join()).toBe('got one')
  outgoing.write('two')
  await expect.poll(() => received).toBe('onetwo')
  outgoing.end()
  await ended
  expect(parts.join('')).toBe('got onegot twoend')
})

test('sends the head of a silent stream at once, and tells the function when the caller leaves', async () => {
  const { promise: left, resolve: onLeft } = Promise.withResolvers<void>()
  const port = await startFunction((_, outgoing) => {
    outgoing.writeHead(200, { 'content-type': 'text/event-stream' })
    outgoing.flushHeaders()
    outgoing.on('close', onLeft)
  })
  const caller = new AbortController()
  const response = await fetch(`${await openGateway(port)}/api/items/7`, { signal: caller.signal })
  expect(response.headers.get('content-type')).toBe('text/event-stream')
  caller.abort()
  await left
})

test('cuts an answer that the function breaks off, rather than ending it as if it were whole', async () => {
  const port = await startFunction((_, outgoing) => {
    outgoing.writeHead(200, { 'content-length': '100' })
    outgoing.write('half', () => outgoing.destroy())
  })
  const response = await fetch(`${await openGateway(port)}/api/items/7`)
  await expect(response.text()).rejects.toThrow()
})

const problemOf = async (response: Response) => [
  response.status,
  ((await response.json()) as { reason: string }).reason,
]

test('answers 502 when nothing listens or the function hangs up, and 504 when it says nothing', async () => {
  const hungUp = await openGateway(await startFunction((incoming) => void incoming.socket.destroy()))
  expect(await problemOf(await fetch(`${hungUp}/api/items/7`))).toEqual([502, 'function_unreachable'])
  const closed = createServer().listen(0, '127.0.0.1')
  await new Promise((resolve) => closed.once('listening', resolve))
  const { port } = closed.address() as AddressInfo
  await new Promise((resolve) => closed.close(resolve))
  expect(await problemOf(await fetch(`${await openGateway(port)}/api/items/7`))).toEqual([502, 'function_unreachable'])
  const silent = await openGateway(await startFunction(() => undefined), routesOf(50))
  expect(await problemOf(await fetch(`${silent}/api/items/7`))).toEqual([504, 'function_timeout'])
})

test('gives up an answer that has not begun in its time, and none that has', async () => {
  const port = await startFunction((incoming, outgoing) => {
    if (incoming.method === 'POST') return
    outgoing.write('begun')
    setTimeout(() => outgoing.end(' and ended'), 200)
  })
  const url = await openGateway(port, routesOf(5_000, 50))
  expect(await problemOf(await fetch(`${url}/api/items/7`, { method: 'POST' }))).toEqual([504, 'function_timeout'])
  expect(await (await fetch(`${url}/api/items/7`)).text()).toBe('begun and ended')
})

test('answers 503 with Retry-After before the function is ready', async () => {
  const response = await fetch(`${await openGateway(undefined)}/api/items/7`)
  expect([response.status, response.headers.get('retry-after')]).toEqual([503, '1'])
})

test('describes what runs at its root, and says so when its port is taken', async () => {
  const url = await openGateway(undefined)
  expect(await (await fetch(url)).json()).toEqual({ name: 'demo' })
  const again = startGateway({
    routes: [],
    portOf: () => undefined,
    port: Number(new URL(url).port),
    describe: () => ({}),
  })
  await expect(again).rejects.toThrow(/^Port \d+ is taken by another program; choose one with --port$/)
})

test('/readyz answers 503 with what is missing, and 200 once nothing is; "/" answers all the while', async () => {
  let missing = ['demo-items', 'broker']
  const gateway = await startGateway({
    routes: routesOf(),
    portOf: () => undefined,
    port: 0,
    missing: () => missing,
    describe: () => ({ name: 'demo', ready: missing.length === 0 }),
  })
  opened.push(gateway)
  const url = `http://127.0.0.1:${gateway.port}`
  const before = await fetch(`${url}/readyz`)
  expect([before.status, before.headers.get('retry-after'), before.headers.get('content-type')]).toEqual([
    503,
    '1',
    'application/problem+json',
  ])
  const detail = 'Not ready yet: demo-items, broker.'
  expect(await before.json()).toEqual({
    type: 'urn:growbin:problem:starting',
    ...{ title: detail, status: 503, detail, reason: 'starting', missing: ['demo-items', 'broker'] },
  })
  expect(await (await fetch(url)).json()).toEqual({ name: 'demo', ready: false })
  missing = []
  const after = await fetch(`${url}/readyz`)
  expect([after.status, await after.json()]).toEqual([200, { status: 'ready' }])
  expect((await fetch(`${url}/readyz`, { method: 'POST' })).status).toBe(404)
})
