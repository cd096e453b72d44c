import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { Agent, type IncomingMessage, request } from 'node:http'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { pathToFileURL } from 'node:url'
import { Hono } from 'hono'
import { afterEach, describe, expect, test } from 'vitest'
import type { AppEnv } from '../http/http-app.ts'
import { type FunctionServer, listen } from './serve.ts'

const agents: Agent[] = []
afterEach(() => {
  for (const agent of agents.splice(0)) agent.destroy()
})

function createKeepAlive() {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 })
  agents.push(agent)
  return async (port: number, path: string) => {
    const sent = request({ port, path, agent, host: '127.0.0.1' }).end()
    const [response] = (await once(sent, 'response')) as [IncomingMessage]
    const chunks: Buffer[] = []
    for await (const chunk of response) chunks.push(chunk as Buffer)
    return {
      status: response.statusCode,
      connection: response.headers.connection,
      text: Buffer.concat(chunks).toString(),
    }
  }
}

/** A function whose `/slow` is answered when the test releases it. */
async function startSlow() {
  const app = new Hono<AppEnv>()
  const arrived = Promise.withResolvers<void>()
  const finish = Promise.withResolvers<void>()
  const events: string[] = []
  app.get('/', (c) => c.text('ok'))
  app.get('/slow', async (c) => {
    arrived.resolve()
    await finish.promise
    events.push('answered')
    return c.text('done')
  })
  app.get('/stream', (c) => {
    const { readable, writable } = new TransformStream<Uint8Array>()
    const writer = writable.getWriter()
    void writer.write(new TextEncoder().encode('first '))
    arrived.resolve()
    void finish.promise.then(() => writer.write(new TextEncoder().encode('last'))).then(() => writer.close())
    return c.body(readable)
  })
  const close = async () => {
    events.push('closed')
  }
  const server: FunctionServer = await listen({ app, close }, { port: 0, host: '127.0.0.1' })
  return { server, arrived: arrived.promise, finish: finish.resolve, events }
}

describe('draining', () => {
  test('a request in flight is answered, is the last on its connection, and only then the rest closes', async () => {
    const { server, arrived, finish, events } = await startSlow()
    const answer = createKeepAlive()(server.port, '/slow')
    await arrived
    const startedMs = performance.now()
    const closed = server.close(10_000)
    finish()
    expect(await answer).toEqual({ status: 200, connection: 'close', text: 'done' })
    await closed
    expect(performance.now() - startedMs).toBeLessThan(2_000)
    expect(events).toEqual(['answered', 'closed'])
  })

  test('a stream that has begun ends, and does not hold its connection after that', async () => {
    const { server, arrived, finish } = await startSlow()
    const answer = createKeepAlive()(server.port, '/stream')
    await arrived
    const startedMs = performance.now()
    const closed = server.close(10_000)
    finish()
    expect(await answer).toMatchObject({ status: 200, text: 'first last' })
    await closed
    expect(performance.now() - startedMs).toBeLessThan(2_000)
  })

  test('no new connection is accepted, so readiness needs no state of its own', async () => {
    const { server, arrived, finish } = await startSlow()
    const answer = createKeepAlive()(server.port, '/slow')
    await arrived
    const closed = server.close(10_000)
    const refused = createKeepAlive()(server.port, '/').catch((error: NodeJS.ErrnoException) => error.code)
    expect(await refused).toBe('ECONNREFUSED')
    finish()
    expect(await answer).toMatchObject({ status: 200, text: 'done' })
    await closed
  })

  test('an idle keep-alive connection delays nothing', async () => {
    const { server } = await startSlow()
    const send = createKeepAlive()
    expect(await send(server.port, '/')).toMatchObject({ status: 200, connection: 'keep-alive' })
    const startedMs = performance.now()
    await server.close(10_000)
    expect(performance.now() - startedMs).toBeLessThan(1_000)
  })

  test('a request that never ends is cut off at the deadline', async () => {
    const { server, arrived, finish, events } = await startSlow()
    const answer = createKeepAlive()(server.port, '/slow').catch((error: NodeJS.ErrnoException) => error.code)
    await arrived
    await server.close(50)
    expect(await answer).toBe('ECONNRESET')
    expect(events).toEqual(['closed'])
    finish()
  })

  test('no client can connect any more', async () => {
    const { server } = await startSlow()
    await server.close(1_000)
    const [error] = (await once(connect(server.port, '127.0.0.1'), 'error')) as [NodeJS.ErrnoException]
    expect(error.code).toBe('ECONNREFUSED')
  })
})

test('a port that is taken is an error at the start', async () => {
  const { server } = await startSlow()
  const again = listen(
    { app: new Hono<AppEnv>(), close: async () => undefined },
    { port: server.port, host: '127.0.0.1' },
  )
  await expect(again).rejects.toMatchObject({ code: 'EADDRINUSE' })
  await server.close(1_000)
})

describe('a process', () => {
  const serveUrl = pathToFileURL(join(import.meta.dirname, 'serve.ts')).href

  /** Runs a `main.ts` whose start and close are as given, until it exits. */
  async function run(start: string, close: string, environment: Record<string, string> = {}) {
    const directory = await mkdtemp(join(tmpdir(), 'serve-'))
    const file = join(directory, 'main.mjs')
    await writeFile(
      file,
      `import { serve } from ${JSON.stringify(serveUrl)}
      const app = { fetch: async () => new Response('ok') }
      await serve(async () => { ${start}; return { app, close: async () => { console.log('closing'); ${close} } } })`,
    )
    const child = spawn(process.execPath, [file], {
      env: { PORT: '0', ANNOUNCE_PORT: 'true', DRAIN_TIMEOUT_MS: '200', ...environment },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    const lines: string[] = []
    const errors: string[] = []
    const exited = once(child, 'close').finally(() => rm(directory, { recursive: true, force: true }))
    createInterface({ input: child.stderr }).on('line', (line) => errors.push(line))
    const output = createInterface({ input: child.stdout }).on('line', (line) => lines.push(line))
    await Promise.race([once(output, 'line'), exited])
    return {
      lines,
      errors,
      child,
      exit: async () => {
        await exited
        return child.exitCode
      },
    }
  }

  test.each(['SIGTERM', 'SIGINT'] as const)(
    'that is idle exits within a second of %s, with all resources closed',
    async (signal) => {
      const { child, lines, exit } = await run('', '')
      expect(lines).toEqual([expect.stringMatching(/^listening on port [1-9]\d+$/)])
      const startedMs = performance.now()
      child.kill(signal)
      child.kill(signal)
      expect(await exit()).toBe(0)
      expect(performance.now() - startedMs).toBeLessThan(1_000)
      expect(lines.slice(1)).toEqual(['closing'])
    },
  )

  test('that cannot start does not listen, and reports why', async () => {
    const { lines, errors, exit } = await run("throw new Error('no database')", '')
    expect(await exit()).toBe(1)
    expect(lines).toEqual([])
    expect(errors.join('\n')).toContain('no database')
  })

  test('that receives SIGTERM while it starts exits at once', async () => {
    const { child, lines, exit } = await run(
      "console.log('starting'); await new Promise((resolve) => setTimeout(resolve, 60_000))",
      '',
    )
    expect(lines).toEqual(['starting'])
    child.kill('SIGTERM')
    expect(await exit()).toBe(0)
  })

  test('with wrong configuration does not start', async () => {
    const { errors, exit } = await run('', '', { PORT: '99999' })
    expect(await exit()).toBe(1)
    expect(errors.join('\n')).toContain('"PORT" is wrong')
  })

  test('whose resources do not close exits with a failure', async () => {
    const failing = await run('', "throw new Error('no')")
    failing.child.kill('SIGTERM')
    expect(await failing.exit()).toBe(1)
    const hanging = await run('', 'await new Promise((resolve) => setTimeout(resolve, 60_000))')
    hanging.child.kill('SIGTERM')
    expect(await hanging.exit()).toBe(1)
  })
})

test('an event with as many attributes as RabbitMQ can hold reaches its handler, as the dispatcher would acknowledge it on 431', async () => {
  const app = new Hono<AppEnv>()
  app.post('/', (c) => c.text(String(c.req.header('ce-note')?.length)))
  const server = await listen({ app, close: async () => undefined }, { port: 0, host: '127.0.0.1' })
  const headers = { 'ce-note': 'x'.repeat(128 * 1024) }
  const response = await fetch(`http://127.0.0.1:${server.port}/`, { method: 'POST', headers })
  expect({ status: response.status, text: await response.text() }).toEqual({ status: 200, text: String(128 * 1024) })
  await server.close(1_000)
})
