import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { startTcpProxy, type TcpProxy } from './tcp-proxy.ts'

let server: Server
let proxy: TcpProxy
const sockets: Socket[] = []
beforeEach(async () => {
  // Echoes everything in capitals.
  server = createServer((socket) => {
    socket.on('error', () => undefined)
    socket.on('data', (chunk) => socket.write(chunk.toString().toUpperCase()))
    socket.on('end', () => socket.end())
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  proxy = await startTcpProxy({ host: '127.0.0.1', port: (server.address() as AddressInfo).port })
})
afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy()
  await proxy.close()
  await new Promise<void>((resolve) => server.close(() => resolve()))
})

async function dial(port = proxy.port) {
  const socket = connect(port, '127.0.0.1')
  sockets.push(socket)
  let text = ''
  const errors: string[] = []
  socket.on('data', (chunk) => (text += chunk.toString()))
  socket.on('error', (error: NodeJS.ErrnoException) => errors.push(error.code ?? ''))
  const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()))
  await once(socket, 'connect')
  const received = async (expected: string) => {
    while (text !== expected) await once(socket, 'data')
  }
  return { socket, received, text: () => text, closed: closed.then(() => errors) }
}

it('forwards bytes in both directions, and the end of a connection', async () => {
  const { socket, received, closed } = await dial()
  socket.write('hello')
  await received('HELLO')
  socket.end()
  expect(await closed).toEqual([])
})

it('forwards more bytes than any buffer holds, in order', async () => {
  const { socket, received } = await dial()
  const text = Array.from({ length: 200_000 }, (_, index) => `line ${index}`).join('\n')
  socket.write(text)
  await received(text.toUpperCase())
})

it('closes connections and refuses new ones while it is cut, until it recovers', async () => {
  const { socket, received, closed } = await dial()
  socket.write('a')
  await received('A')
  proxy.cut()
  await closed
  expect(proxy.connections()).toBe(0)
  await (await dial()).closed
  proxy.recover()
  const again = await dial()
  again.socket.write('b')
  await again.received('B')
})

it('resets connections, and accepts new ones', async () => {
  const { socket, received, closed } = await dial()
  socket.write('a')
  await received('A')
  proxy.reset()
  expect(await closed).toEqual(['ECONNRESET'])
  const again = await dial()
  again.socket.write('b')
  await again.received('B')
})

it('drops everything while it is a black hole, and resets connections that lost bytes when it recovers', async () => {
  const before = await dial()
  before.socket.write('a')
  await before.received('A')
  const untouched = await dial()
  untouched.socket.write('u')
  await untouched.received('U')
  proxy.set({ blackHole: true })
  before.socket.write('lost')
  const during = await dial()
  during.socket.write('lost too')
  // A direct connection to the same server: earlier bytes would have arrived by the time this is answered.
  const direct = await dial((server.address() as AddressInfo).port)
  direct.socket.write('d')
  await direct.received('D')
  expect([before.text(), during.text()]).toEqual(['A', ''])
  proxy.recover()
  expect(await before.closed).toEqual(['ECONNRESET'])
  expect(await during.closed).toEqual(['ECONNRESET'])
  untouched.socket.write('v')
  await untouched.received('UV')
})

it('delays and throttles what it forwards, and loses nothing', async () => {
  const { socket, received } = await dial()
  proxy.set({ delayMs: 40 })
  const startedMs = performance.now()
  socket.write('a')
  await received('A')
  // Once per direction.
  expect(performance.now() - startedMs).toBeGreaterThan(70)
  proxy.set({ bytesPerSecondMax: 10_000 })
  const throttledMs = performance.now()
  socket.write('x'.repeat(1_000))
  await received(`A${'X'.repeat(1_000)}`)
  expect(performance.now() - throttledMs).toBeGreaterThan(180)
})
