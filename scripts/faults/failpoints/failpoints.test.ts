import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { type AddressInfo, createServer, type Server } from 'node:net'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { createFailpoints, type Failpoints } from './failpoints.ts'

let failpoints: Failpoints
let server: Server
let heard = ''
beforeEach(async () => {
  failpoints = await createFailpoints()
  heard = ''
  server = createServer((socket) => {
    socket.on('data', (chunk) => (heard += chunk.toString()))
    socket.on('error', () => undefined)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
})
afterEach(async () => {
  await failpoints.close()
  await new Promise<void>((resolve) => server.close(() => resolve()))
})

/** Runs a process that writes these texts to one connection, one after the other. Returns how it ended. */
async function write(service: string, ...texts: string[]): Promise<string> {
  return run(service, writer(...texts))
}

function writer(...texts: string[]): string {
  const { port } = server.address() as AddressInfo
  return `
    const socket = require('node:net').connect(${port}, '127.0.0.1')
    const texts = ${JSON.stringify(texts)}
    const next = () => texts.length === 0 ? socket.end() : socket.write(texts.shift(), () => setImmediate(next))
    socket.on('connect', next)`
}

async function run(service: string, program: string, environment: Record<string, string> = {}): Promise<string> {
  const child = spawn(process.execPath, ['--eval', program], {
    env: { PATH: process.env.PATH, ...failpoints.environment, K_REVISION: `${service}-local`, ...environment },
    stdio: 'ignore',
  })
  const [code, signal] = (await once(child, 'exit')) as [number | null, string | null]
  return signal ?? `exit ${code}`
}

it('kills the process before it writes what marks the step, once each time the failpoint is armed', async () => {
  await failpoints.arm('analyze-before-model')
  expect(await write('waste-ai-analyze', 'hello ', 'POST /v1/responses HTTP/1.1')).toBe('SIGKILL')
  expect(heard).toBe('hello ')
  expect(await failpoints.fired()).toMatchObject([{ name: 'analyze-before-model' }])
  expect(await write('waste-ai-analyze', 'POST /v1/responses HTTP/1.1')).toBe('exit 0')
  expect(await failpoints.disarm()).toBe(0)
})

it('kills after the write where the rule says so, and only on a connection on which the step was prepared', async () => {
  await failpoints.arm('analyze-after-commit')
  expect(await write('waste-ai-analyze', 'update x', 'commit')).toBe('exit 0')
  expect(await write('waste-ai-analyze', "update waste.jobs set state = 'completed'", 'insert', 'commit')).toBe(
    'SIGKILL',
  )
  expect(heard).toMatch(/insertcommit$/)
})

it('lets the acknowledgement leave, and not the dead letter behind it in the same write', async () => {
  await failpoints.arm('dispatcher-before-dead-letter')
  // The heads of two AMQP frames: basic.ack, and basic.publish to an exchange.
  const [ack, publish] = [
    '\x01\x00\x01\x00\x00\x00\x0d\x00\x3c\x00\x50',
    '\x01\x00\x01\x00\x00\x00\x20\x00\x3c\x00\x28',
  ]
  expect(await write('broker', `${ack}12345678\x00\x01${publish} t.messaging.q-ai.dlx.x`)).toBe('SIGKILL')
  expect(heard).toBe(`${ack}12345678\x00\x01`)
})

it('kills a step before its effect is committed, and before its answer with the command of the next step', async () => {
  const finishes = 'update waste.jobs set step = $1, lease_until = null'
  await failpoints.arm('retrieve-before-commit')
  expect(await write('waste-retrieve-rules', "set state = 'processing'", 'commit')).toBe('exit 0')
  expect(await write('waste-retrieve-rules', finishes, 'insert', 'commit')).toBe('SIGKILL')
  expect(heard).toMatch(/insert$/)
  await failpoints.arm('retrieve-before-reply')
  expect(await write('waste-retrieve-rules', finishes, 'commit', 'HTTP/1.1 200 OK')).toBe('SIGKILL')
  expect(heard).toMatch(/commit$/)
})

it('leaves other functions, and steps that are not armed, alone', async () => {
  await failpoints.arm('analyze-before-model')
  expect(await write('waste-presign', 'POST /v1/responses HTTP/1.1')).toBe('exit 0')
  expect(await write('waste-ai-analyze', "set state = 'processing'")).toBe('exit 0')
  expect(await failpoints.disarm()).toBe(1)
  expect(await write('waste-ai-analyze', 'POST /v1/responses HTTP/1.1')).toBe('exit 0')
  expect(await failpoints.fired()).toEqual([])
})

it('gives a starting process the variables of its function, and only those that it reads', async () => {
  await failpoints.configure({ '*': { KEYS: 'for all', UNREAD: 'yes' }, 'waste-status': { KEYS: 'its own' } })
  const program = `process.exit(process.env.UNREAD ? 3 : process.env.KEYS === 'its own' ? 1 : process.env.KEYS === 'for all' ? 2 : 0)`
  expect(await run('waste-status', program, { KEYS: 'as deployed' })).toBe('exit 1')
  expect(await run('waste-presign', program, { KEYS: 'as deployed' })).toBe('exit 2')
  expect(await run('waste-presign', program)).toBe('exit 0')
})
