import { createServer, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { afterEach, expect, test } from 'vitest'
import { answerSizeBytesMax, createPoster, type PosterOptions } from './http-post.ts'

const open: (() => void)[] = []
afterEach(() => {
  for (const close of open.splice(0)) close()
})

async function serve(server: Server, options: PosterOptions = {}) {
  const poster = createPoster(options)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  open.push(
    () => server.close(),
    () => server.closeAllConnections(),
    () => poster.close(),
  )
  return poster.to(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`)
}

const request = { headers: {}, body: Buffer.from('x'), timeoutMs: undefined, signal: new AbortController().signal }

test('a reset of a kept connection counts as an attempt, as with the client of the dispatcher', async () => {
  const sockets = new Set<Socket>()
  const server = createServer((incoming, response) => {
    // The second request on one connection finds it reset, as when an idle timeout of the server strikes.
    if (sockets.has(incoming.socket)) return incoming.socket.resetAndDestroy()
    sockets.add(incoming.socket)
    incoming.resume().on('end', () => response.writeHead(204).end())
  })
  const post = await serve(server)
  expect(await post(request)).toMatchObject({ kind: 'answered', status: 204 })
  expect(await post(request)).toEqual({ kind: 'failed', reason: 'ECONNRESET' })
  expect(await post(request)).toMatchObject({ kind: 'answered', status: 204 })
})

test('no more idle connections than configured stay open between posts: the others are closed and opened anew', async () => {
  const sockets = new Set<Socket>()
  const server = createServer((incoming, response) => {
    sockets.add(incoming.socket)
    incoming.resume().on('end', () => response.writeHead(204).end())
  })
  const post = await serve(server, { idleConnectionsMax: 2 })
  const tenAtOnce = () => Promise.all(Array.from({ length: 10 }, () => post(request)))
  await tenAtOnce()
  expect(sockets.size).toBe(10)
  await tenAtOnce()
  expect(sockets.size).toBe(18)
})

test('connections are kept between posts', async () => {
  const sockets = new Set<Socket>()
  const server = createServer((incoming, response) => {
    sockets.add(incoming.socket)
    incoming.resume().on('end', () => response.end('ok'))
  })
  const post = await serve(server)
  for (let n = 0; n < 5; n += 1) await post(request)
  expect(sockets.size).toBe(1)
})

test('an answer is complete or has no body: one that never ends, one too long and one cut short have only a status', async () => {
  const answers: ((response: ServerResponse, socket: Socket) => void)[] = [
    (response) => response.write('begin'),
    (response) => void [response.write(Buffer.alloc(answerSizeBytesMax + 1)), response.end()],
    (response, socket) => response.writeHead(200, { 'content-length': '10' }).write('cut', () => socket.destroy()),
    (response) => response.end('whole'),
  ]
  const server = createServer((incoming, response) => {
    incoming.resume()
    answers.shift()?.(response, incoming.socket)
  })
  const post = await serve(server)
  const wanted = { ...request, wantsBody: () => true }
  for (const timeoutMs of [50, undefined, undefined]) {
    expect(await post({ ...wanted, timeoutMs })).toMatchObject({ kind: 'answered', status: 200, body: undefined })
  }
  expect(await post(wanted)).toMatchObject({ kind: 'answered', body: Buffer.from('whole') })
})

test('an answer whose body is not wanted resolves with its headers', async () => {
  const post = await serve(createServer((incoming, response) => void [incoming.resume(), response.write('begin')]))
  expect(await post({ ...request, timeoutMs: 60_000 })).toMatchObject({
    kind: 'answered',
    status: 200,
    body: undefined,
  })
})

test('a redirect loop ends after ten requests, and one deadline covers all of them', async () => {
  let requests = 0
  const server = createServer((incoming, response) => {
    requests += 1
    incoming.resume().on('end', () => response.writeHead(307, { location: `/${requests}` }).end())
  })
  const post = await serve(server)
  expect(await post(request)).toEqual({ kind: 'failed', reason: 'stopped after 10 redirects' })
  expect(requests).toBe(10)
})
