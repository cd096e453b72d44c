import { createServer, type Server } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { afterEach, expect, test } from 'vitest'
import { answerSizeBytesMax, createPoster } from './http-post.ts'

const open: (() => void)[] = []
afterEach(() => {
  for (const close of open.splice(0)) close()
})

async function serve(server: Server) {
  const poster = createPoster()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  open.push(
    () => server.close(),
    () => server.closeAllConnections(),
    () => poster.close(),
  )
  return poster.to(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`)
}

const request = { headers: {}, body: Buffer.from('x'), timeoutMs: undefined, signal: new AbortController().signal }

test('a kept connection that the server closed is not an attempt: the post is made again on a new one', async () => {
  const sockets = new Set<Socket>()
  let served = 0
  const server = createServer((incoming, response) => {
    sockets.add(incoming.socket)
    // The second request on one connection finds it reset, as when an idle timeout of the server strikes.
    if (served === 1 && sockets.size === 1) return incoming.socket.resetAndDestroy()
    served += 1
    incoming.resume().on('end', () => response.writeHead(204).end())
  })
  const post = await serve(server)
  expect(await post(request)).toMatchObject({ kind: 'answered', status: 204 })
  expect(await post(request)).toMatchObject({ kind: 'answered', status: 204 })
  expect([sockets.size, served]).toEqual([2, 2])
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

test('an answer that never ends, one too long and one cut short are failures', async () => {
  const answers = [
    (end: () => void, write: (text: string) => void) => void [end, write('begin')],
    (end: () => void, write: (text: string) => void) => void [write('x'.repeat(answerSizeBytesMax + 1)), end()],
  ]
  let count = 0
  const server = createServer((incoming, response) => {
    incoming.resume()
    const answer = answers[count++]
    if (answer)
      answer(
        () => response.end(),
        (text) => response.write(text),
      )
    else response.writeHead(200, { 'content-length': '10' }).write('cut', () => incoming.socket.destroy())
  })
  const post = await serve(server)
  expect(await post({ ...request, timeoutMs: 50 })).toEqual({ kind: 'failed', reason: 'no answer in 50 ms' })
  expect(await post(request)).toEqual({ kind: 'failed', reason: `answer over ${answerSizeBytesMax} bytes` })
  expect(await post(request)).toMatchObject({ kind: 'failed' })
})
