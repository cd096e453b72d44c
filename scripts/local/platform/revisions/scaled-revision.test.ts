import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { startFunctionProcess } from './function-process.ts'
import type { Revision } from './revision.ts'
import { startScaledRevision } from './scaled-revision.ts'

// Drains on SIGTERM as every function does: what it has read it answers, and then it ends with 0.
const program = `
import { createServer } from 'node:http'
let held = []
const server = createServer((request, response) => {
  let body = ''
  request.on('data', (chunk) => (body += chunk)).on('end', () => {
    if (request.url === '/crash') return process.kill(process.pid, 'SIGKILL')
    if (request.url === '/hold') return held.push(response)
    if (request.url === '/release') { for (const each of held.splice(0)) each.end('released') }
    if (request.url === '/hang-up') return request.socket.destroy()
    response.end(process.pid + ' ' + body)
  })
})
server.listen(0, '127.0.0.1', () => console.log('listening on port ' + server.address().port))
process.on('SIGTERM', () => { server.close(() => process.exit(0)); server.closeIdleConnections() })
`

let folder = ''
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'growbin-revision-'))
  await writeFile(join(folder, 'main.mjs'), program)
  await writeFile(join(folder, 'broken.mjs'), "throw new Error('no configuration')")
})
afterAll(() => rm(folder, { recursive: true, force: true }))

let revision: Revision | undefined
afterEach(async () => {
  await revision?.close()
  revision = undefined
})

type Options = {
  file?: string
  concurrency?: number
  max?: number
  queueLengthMax?: number
  timeoutSeconds?: number
  idleMs?: number
}

async function start(options: Options = {}) {
  const logged: string[] = []
  const started = await startScaledRevision({
    service: {
      name: 'demo-items',
      concurrency: options.concurrency ?? 0,
      instancesMax: options.max ?? 1,
      timeoutMs: (options.timeoutSeconds ?? 30) * 1000,
      responseStartTimeoutMs: (options.timeoutSeconds ?? 30) * 1000,
    },
    idleMs: options.idleMs ?? 60_000,
    ...(options.queueLengthMax !== undefined && { queueLengthMax: options.queueLengthMax }),
    startProcess: () =>
      startFunctionProcess({
        bundlePath: join(folder, options.file ?? 'main.mjs'),
        environment: { PATH: process.env.PATH },
        writeLog: () => undefined,
      }),
    log: (message) => logged.push(message),
  })
  revision = started
  const send = async (path: string, body?: string) => {
    const response = await fetch(
      `http://127.0.0.1:${started.port}${path}`,
      body === undefined ? {} : { method: 'POST', body },
    )
    return { status: response.status, text: await response.text() }
  }
  return { send, logged, revision: started }
}

const onlyProcess = (running: Revision) => Number(running.instances()[0]?.processId)

test('starts with the first request, passes its body on, and ends when idle', async () => {
  const { send, logged, revision } = await start({ idleMs: 100 })
  expect(revision.instances()).toEqual([])
  const { status, text } = await send('/', 'hello')
  expect({ status, text }).toEqual({ status: 200, text: expect.stringMatching(/^\d+ hello$/) })
  await expect.poll(() => revision.instances(), { timeout: 10_000 }).toEqual([])
  expect(logged).toEqual(['instance started', 'instance stopped, idle'])
  await expect.poll(() => isAlive(Number.parseInt(text, 10)), { timeout: 10_000 }).toBe(false)
})

test('answers 503 beyond the queue and 504 after the deadline', async () => {
  const { send, revision } = await start({ concurrency: 1, queueLengthMax: 1, timeoutSeconds: 2 })
  const held = send('/hold')
  await expect.poll(() => revision.instances()[0]?.requestsInFlight).toBe(1)
  const queued = send('/')
  await expect.poll(async () => (await send('/')).status).toBe(503)
  expect([(await held).status, (await queued).status].sort()).toContain(504)
})

test('answers 502 once, and does not repeat, what a crashed instance had read, and replaces the instance', async () => {
  const { send, logged } = await start()
  expect((await send('/crash', 'once')).status).toBe(502)
  expect((await send('/')).status).toBe(200)
  expect(logged).toEqual(['instance started', 'instance started'])
})

test('answers 502 when a living function hangs up, and keeps the instance', async () => {
  const { send, revision } = await start()
  await send('/')
  const before = onlyProcess(revision)
  expect((await send('/hang-up')).status).toBe(502)
  expect(onlyProcess(revision)).toBe(before)
})

test('sends what a draining instance does not take to another one, and lets it finish what it has', async () => {
  const { send, revision } = await start()
  const held = send('/hold')
  await expect.poll(() => revision.instances()[0]?.requestsInFlight).toBe(1)
  const draining = onlyProcess(revision)
  process.kill(draining, 'SIGTERM')
  const answers = await Promise.all(Array.from({ length: 30 }, (_, nth) => send('/', String(nth))))
  expect(answers.map(({ status }) => status)).toEqual(Array(30).fill(200))
  expect(isAlive(draining)).toBe(true)
  expect(answers.at(-1)?.text).not.toContain(`${draining} `)
  process.kill(draining, 'SIGKILL')
  expect((await held).status).toBe(502)
})

test('answers 503 when no instance starts', async () => {
  const { send, logged } = await start({ file: 'broken.mjs' })
  expect(await send('/')).toEqual({ status: 503, text: 'the function did not start' })
  expect(logged).toEqual(['instance did not start'])
})

test('waits for requests under way when it closes, and leaves no process', async () => {
  const { send, revision: running } = await start()
  const held = send('/hold')
  await expect.poll(() => running.instances()[0]?.requestsInFlight).toBe(1)
  const [instance] = running.instances()
  const closed = running.close()
  revision = undefined
  await expect
    .poll(() =>
      fetch(`http://127.0.0.1:${running.port}/`).then(
        () => true,
        () => false,
      ),
    )
    .toBe(false)
  expect(isAlive(Number(instance?.processId))).toBe(true)
  process.kill(Number(instance?.processId), 'SIGKILL')
  await closed
  expect((await held).status).toBe(502)
})

function isAlive(processId: number): boolean {
  try {
    return process.kill(processId, 0)
  } catch {
    return false
  }
}
