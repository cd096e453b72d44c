import { globSync, readFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { connect, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { afterAll, expect, test } from 'vitest'
import { createHttpApp } from '../../../../functions/_lib/http/http-app.ts'
import {
  advertisedIdleMs,
  clientIdleMs,
  headersTimeoutMs,
  serverIdleMs,
} from '../../../../functions/_lib/process/idle-connections.ts'
import { createMetrics } from '../../../../functions/_lib/process/metrics.ts'
import { listen } from '../../../../functions/_lib/process/serve.ts'
import { silentLog } from '../../../../functions/_lib/testing/silent-log.ts'
import { repositoryRoot } from '../../../lib/repository-root.ts'
import { startMemoryBroker } from '../../broker/memory-broker.ts'
import { startS3Store } from '../../s3-store/start-s3-store.ts'
import { startModelSimulator } from '../../simulators/model/model-simulator.ts'
import { startGateway } from '../gateway/gateway.ts'
import { startScaledRevision } from '../revisions/scaled-revision.ts'

const closing: (() => Promise<unknown>)[] = []
afterAll(async () => {
  for (const close of closing.reverse()) await close()
})

test('every client gives up an idle connection well before its server does', () => {
  for (const [client, idleMs] of Object.entries(clientIdleMs)) {
    expect([client, serverIdleMs - idleMs]).toEqual([client, expect.toSatisfy((margin) => margin >= 10_000)])
  }
  expect(serverIdleMs).toBeGreaterThan(advertisedIdleMs)
  // Node.js checks both by one timer; headers are timed from their first byte, so idleness does not count.
  expect(headersTimeoutMs).toBeLessThan(serverIdleMs)
})

test('every HTTP server of the repository keeps idle connections by the one rule', () => {
  const files = globSync('{functions,scripts}/**/*.ts', { cwd: repositoryRoot })
    .filter((file) => !/\.test\.ts$|\/testing\/|^scripts\/bench\//.test(file))
    .filter((file) => {
      const text = readFileSync(join(repositoryRoot, file), 'utf8')
      return /import \{[^}]*\bcreateServer\b[^}]*\} from 'node:http'/.test(text)
    })
  expect(files.length).toBeGreaterThanOrEqual(6)
  const without = files.filter(
    (file) => !/^ *keepIdleConnections\(server\)$/m.test(readFileSync(join(repositoryRoot, file), 'utf8')),
  )
  expect(without).toEqual([])
})

/** One of each server that somebody connects to. */
async function startEvery(): Promise<[name: string, port: number][]> {
  const folder = await mkdtemp(join(tmpdir(), 'growbin-idle-'))
  closing.push(() => rm(folder, { recursive: true }))
  const opened = <T extends { close: () => Promise<unknown> }>(each: T): T => {
    closing.push(() => each.close())
    return each
  }
  const app = createHttpApp({ log: silentLog, metrics: createMetrics('idle') })
  const fn = await listen({ app, close: async () => undefined }, { port: 0, host: '127.0.0.1' })
  closing.push(() => fn.close(0))
  const startProcess = () => Promise.reject(new Error('it is not started here'))
  const timeouts = { timeoutMs: 30_000, responseStartTimeoutMs: 30_000 }
  const revision = opened(
    await startScaledRevision({
      service: { name: 'demo-items', concurrency: 0, instancesMax: 1, ...timeouts },
      ...{ startProcess, idleMs: 60_000, log: () => undefined },
    }),
  )
  const gateway = opened(await startGateway({ routes: [], portOf: () => undefined, port: 0, describe: () => ({}) }))
  const broker = opened(await startMemoryBroker({ topology: { brokers: [{ name: 'main' }], triggers: [] } }))
  const credentials = { accessKeyId: 'idle', secretAccessKey: 'idle-secret' }
  const store = opened(await startS3Store({ directory: folder, region: 'eu', credentials, buckets: [] }))
  const model = opened(await startModelSimulator({ apiKey: 'idle' }))
  const portOf = (url = '') => Number(new URL(url).port)
  return [
    ['function', fn.port],
    ['function as processes', revision.port],
    ['gateway', gateway.port],
    ['ingress', portOf(broker.addresses.main)],
    ['object store', portOf(store.url)],
    ['simulator', portOf(model.url)],
  ]
}

/** Asks twice over one connection with a silence in between; what came back, or how the connection ended. */
async function answersTwice(port: number, idleMs: number): Promise<string> {
  const socket: Socket = connect(port, '127.0.0.1')
  closing.push(async () => socket.destroy())
  const ask = async () => {
    if (socket.destroyed || socket.readableEnded) return 'closed'
    const answered = new Promise<string>((resolve) => {
      socket.once('data', (chunk) => resolve(chunk.toString().split('\r\n')[0] ?? ''))
      socket.once('close', () => resolve('closed'))
      socket.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message))
    })
    socket.write('GET /healthz HTTP/1.1\r\nhost: growbin\r\n\r\n')
    return answered
  }
  const first = await ask()
  await pause(idleMs)
  const second = await ask()
  return first === second ? 'answered twice' : `${first}, then ${second}`
}

test('a connection that is used again after the 5 s for which Node.js keeps one is answered by every server', async () => {
  const servers = await startEvery()
  // The time of Node.js, its buffer of a second, and the second in which it looks: the timers of a socket are not to be replaced.
  const answers = await Promise.all(servers.map(async ([name, port]) => [name, await answersTwice(port, 7_000)]))
  expect(answers).toEqual(servers.map(([name]) => [name, 'answered twice']))
})
