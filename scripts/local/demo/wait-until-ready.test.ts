import { afterEach, expect, test } from 'vitest'
import { type Gateway, startGateway } from '../platform/gateway/gateway.ts'
import { findFreePort } from '../servers/free-port.ts'
import { waitUntilReady } from './wait-until-ready.ts'

const opened: Gateway[] = []
afterEach(async () => {
  for (const each of opened.splice(0)) await each.close()
})

async function openGateway(missing: () => readonly string[]): Promise<string> {
  const gateway = await startGateway({ routes: [], portOf: () => undefined, port: 0, missing, describe: () => ({}) })
  opened.push(gateway)
  return `http://127.0.0.1:${gateway.port}`
}

test('waits while a part is missing, and reports it once', async () => {
  const answers = [['waste-presign', 'broker'], ['broker'], []]
  const url = await openGateway(() => answers.shift() ?? [])
  const told: string[] = []
  await waitUntilReady(url, (missing) => told.push(missing))
  expect(told).toEqual(['waste-presign, broker'])
  expect(answers).toEqual([])
})

test('throws after its time, with the missing parts', async () => {
  const url = await openGateway(() => ['a', 'b', 'c', 'd'])
  await expect(waitUntilReady(url, () => undefined, 0)).rejects.toThrow('is not ready after 0 s: a, b, c and 1 more')
})

test('fails at once where nothing listens', async () => {
  const url = `http://127.0.0.1:${await findFreePort()}`
  await expect(waitUntilReady(url, () => undefined)).rejects.toThrow('fetch failed')
})
