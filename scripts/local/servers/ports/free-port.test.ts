import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { candidatePorts, checkPortFree, findFreePort, readEphemeralStart } from './free-port.ts'

test('finds ports that no outgoing connection gets, each only once', async () => {
  const ports = await Promise.all(Array.from({ length: 20 }, () => findFreePort()))
  expect(new Set(ports).size).toBe(20)
  expect(Math.max(...ports)).toBeLessThan(readEphemeralStart())
})

test('another process does not get a port that was found here, though no server listens on it yet', async () => {
  const found = await findFreePort()
  const program = `import { findFreePort } from ${JSON.stringify(join(import.meta.dirname, 'free-port.ts'))}
    console.log(await findFreePort([${found}, ...Array.from({ length: 50 }, (_, index) => ${found} + 1 + index)]))`
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', program])
  expect(Number(stdout)).toBeGreaterThan(found)
  await checkPortFree(found, 'This test')
})

test('skips a port on which a server listens, and says when none is left', async () => {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  await expect(findFreePort([port])).rejects.toThrow('No candidate for a TCP port on 127.0.0.1 is free.')
  await expect(checkPortFree(port, 'PostgreSQL')).rejects.toThrow(`PostgreSQL cannot listen on 127.0.0.1:${port}`)
  server.close()
})

test.each([
  ['below the ephemeral range', 32_768, 22_768],
  ['never privileged', 1_024, 10_000],
])('candidates are %s, each once, from a position of the process', (_, ephemeralStart, first) => {
  const candidates = [...candidatePorts(4_194_303, ephemeralStart)]
  expect(candidates[0]).toBe(first + 4_303)
  expect([...candidates].sort((a, b) => a - b)).toEqual(Array.from({ length: 10_000 }, (_each, index) => first + index))
})
