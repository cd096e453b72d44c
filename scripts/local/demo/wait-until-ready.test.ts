import { type AddressInfo, createServer } from 'node:net'
import { afterEach, expect, test } from 'vitest'
import { type Gateway, startGateway } from '../platform/gateway/gateway.ts'
import { findFreePort } from '../servers/ports/free-port.ts'
import { isConnectionRefused, waitUntilReady } from './wait-until-ready.ts'

const opened: Gateway[] = []
afterEach(async () => {
  for (const each of opened.splice(0)) await each.close()
})

async function openGateway(missing: () => readonly string[], port = 0): Promise<string> {
  const gateway = await startGateway({ routes: [], portOf: () => undefined, port, missing, describe: () => ({}) })
  opened.push(gateway)
  return `http://127.0.0.1:${gateway.port}`
}

const ignore = () => undefined

test('waits while a part is missing, and reports it once', async () => {
  const answers = [['waste-presign', 'broker'], ['broker'], []]
  const url = await openGateway(() => answers.shift() ?? [])
  const reported: string[] = []
  await waitUntilReady(url, { report: (waitsFor) => reported.push(waitsFor), listenTimeoutMs: 0 })
  expect(reported).toEqual(['waste-presign, broker'])
  expect(answers).toEqual([])
})

test('throws after its time, with the missing parts', async () => {
  const url = await openGateway(() => ['a', 'b', 'c', 'd'])
  await expect(waitUntilReady(url, { report: ignore, listenTimeoutMs: 0, readyTimeoutMs: 0 })).rejects.toThrow(
    'is not ready after 0 s: a, b, c and 1 more',
  )
})

test('waits for a server that does not listen yet, and reports it once', async () => {
  const port = await findFreePort()
  const url = `http://127.0.0.1:${port}`
  const reported: string[] = []
  await waitUntilReady(url, {
    report: (waitsFor) => {
      reported.push(waitsFor)
      void openGateway(() => [], port)
    },
    listenTimeoutMs: 30_000,
  })
  expect(reported).toEqual([`a server at ${url}`])
})

test('throws when no server listens in time, with the URL', async () => {
  const url = `http://127.0.0.1:${await findFreePort()}`
  const error = await waitUntilReady(url, { report: ignore, listenTimeoutMs: 300 }).catch((cause) => cause)
  expect(error).toMatchObject({ message: `No server listens at "${url}" after 0.3 s` })
  expect(isConnectionRefused(error)).toBe(true)
})

test('throws at once after any other network error, with the URL', async () => {
  const server = createServer((socket) => socket.destroy())
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const reported: string[] = []
  const waiting = waitUntilReady(url, { report: (waitsFor) => reported.push(waitsFor), listenTimeoutMs: 60_000 })
  await expect(waiting).rejects.toThrow(`"${url}" cannot be reached: `)
  expect(reported).toEqual([])
  server.close()
})
