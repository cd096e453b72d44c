import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { createInterface } from 'node:readline'
import { connect as connectAmqp } from 'amqplib'
import { Redis } from 'ioredis'
import { afterEach, expect, it } from 'vitest'
import { startRealRabbitmq } from './real-rabbitmq.ts'
import { startRealRedis } from './real-redis.ts'

const hasRedis = (process.env.PATH ?? '').split(delimiter).some((folder) => existsSync(join(folder, 'redis-server')))
const hasRabbitmq = existsSync('/usr/lib/rabbitmq/bin/rabbitmq-server')

let closers: (() => unknown)[] = []
afterEach(async () => {
  for (const close of closers.reverse()) await close()
  closers = []
}, 60_000)

it.skipIf(!hasRedis)(
  'a real Redis keeps what it answered through stop and kill, on the same port',
  { timeout: 60_000 },
  async () => {
    const server = await startRealRedis()
    closers.push(server.close)
    const redis = new Redis(server.url, { retryStrategy: () => 50, maxRetriesPerRequest: null })
    redis.on('error', () => undefined)
    closers.push(() => redis.disconnect())
    await redis.set('a', '1')
    await server.stop()
    await server.restart()
    expect(await redis.incr('a')).toBe(2)
    await server.kill()
    await server.restart()
    expect(await redis.get('a')).toBe('2')
  },
)

it.skipIf(!hasRabbitmq)(
  'a real RabbitMQ keeps a confirmed message through stop and kill',
  { timeout: 180_000 },
  async () => {
    const server = await startRealRabbitmq()
    closers.push(server.close)
    await withChannel(server.url, async (channel) => {
      await channel.assertQueue('jobs', { durable: true, arguments: { 'x-queue-type': 'quorum' } })
      channel.sendToQueue('jobs', Buffer.from('one'), { persistent: true })
      await channel.waitForConfirms()
    })
    await server.stop()
    await expect(connectAmqp(server.url)).rejects.toThrow()
    await server.restart()
    expect(await takeMessage(server.url)).toBe('one')
    await server.kill()
    await server.restart()
    expect(await takeMessage(server.url)).toBe('one')
  },
)

/** Reads a message and requeues it. */
async function takeMessage(url: string): Promise<string> {
  let text = ''
  await withChannel(url, async (channel) => {
    // The queue has no leader for a moment after a start, during which it looks empty.
    await expect
      .poll(
        async () => {
          const message = await channel.get('jobs')
          if (message) {
            text = message.content.toString()
            channel.nack(message)
          }
          return text
        },
        { timeout: 15_000, interval: 100 },
      )
      .not.toBe('')
  })
  return text
}

type Channel = Awaited<ReturnType<Awaited<ReturnType<typeof connectAmqp>>['createConfirmChannel']>>

async function withChannel(url: string, use: (channel: Channel) => Promise<void>) {
  const connection = await connectAmqp(url)
  connection.on('error', () => undefined)
  const channel = await connection.createConfirmChannel()
  await use(channel)
  await connection.close()
}

it.skipIf(!hasRedis || !hasRabbitmq).each(['real-redis', 'real-rabbitmq'])(
  '%s ends when the process that started it is killed',
  { timeout: 90_000 },
  async (name) => {
    const start = name === 'real-redis' ? 'startRealRedis' : 'startRealRabbitmq'
    const module = new URL(`${name}.ts`, import.meta.url).href
    const code = `const { ${start} } = await import('${module}'); console.log((await ${start}()).url)`
    // A killed process cannot remove its files, and the server may still write for a moment.
    const files = await mkdtemp(join(tmpdir(), 'growbin-killed-'))
    closers.push(() => rm(files, { recursive: true, force: true, maxRetries: 50, retryDelay: 100 }))
    const parent = spawn(process.execPath, ['--input-type=module', '-e', code], {
      stdio: ['ignore', 'pipe', 'inherit'],
      env: { ...process.env, TMPDIR: files },
    })
    closers.push(() => parent.kill('SIGKILL'))
    const url = await new Promise<string>((resolve) => createInterface({ input: parent.stdout }).once('line', resolve))
    const { probeTcp } = await import('./ports/probe-tcp.ts')
    const greeting = name === 'real-redis' ? 'PING\r\n' : 'AMQP\x00\x00\x09\x01'
    const answers = () =>
      probeTcp(Number(new URL(url).port), greeting, () => true).then(
        () => true,
        () => false,
      )
    expect(await answers()).toBe(true)
    parent.kill('SIGKILL')
    await expect.poll(answers, { timeout: 30_000, interval: 100 }).toBe(false)
  },
)
