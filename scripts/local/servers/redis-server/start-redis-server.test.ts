import { connect } from 'node:net'
import { Redis, type RedisOptions } from 'ioredis'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type RedisServer, type RedisServerOptions, startRedisServer } from './start-redis-server.ts'

let closers: (() => unknown)[] = []
let nowMs = 0
beforeEach(() => {
  nowMs = Date.parse('2030-01-01T00:00:00Z')
})
afterEach(async () => {
  for (const close of closers.reverse()) await close()
  closers = []
})

async function start(options: RedisServerOptions = {}): Promise<RedisServer> {
  const server = await startRedisServer({ now: () => nowMs, ...options })
  closers.push(server.close)
  return server
}

function client(url: string, options: RedisOptions = {}): Redis {
  const redis = new Redis(url, { retryStrategy: () => 20, ...options })
  redis.on('error', () => undefined)
  closers.push(() => redis.disconnect())
  return redis
}

/** Sends raw bytes and resolves with everything received until `until`. */
function exchange(port: number, sent: (string | Buffer)[], until: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1')
    let text = ''
    socket.on('data', (chunk) => {
      text += chunk.toString('latin1')
      if (text.includes(until)) socket.destroy()
    })
    socket.on('close', () => resolve(text))
    socket.on('error', reject)
    socket.setNoDelay(true)
    for (const part of sent) socket.write(part)
  })
}

describe('a connection', () => {
  it('is made by ioredis with its default options, and INFO identifies this server', async () => {
    const { url } = await start()
    expect(await client(url).info('server')).toContain('redis_version:7.0.0-growbin-in-process\r\n')
  })

  it('keeps every byte of keys and values', async () => {
    const redis = client((await start()).url)
    const bytes = Buffer.from(Array.from({ length: 256 }, (_, at) => at))
    await redis.set(bytes, Buffer.concat([bytes, bytes]))
    expect(await redis.getBuffer(bytes)).toEqual(Buffer.concat([bytes, bytes]))
    await redis.set('재활용', '종이팩')
    expect(await redis.get('재활용')).toBe('종이팩')
  })

  it('accepts a request that arrives one byte at a time, and inline requests', async () => {
    const { port } = await start()
    const pieces = [...'*3\r\n$3\r\nSET\r\n$1\r\na\r\n$4\r\n1\r\n2\r\n'].map((byte) => Buffer.from(byte))
    expect(await exchange(port, [...pieces, 'GET a\r\nQUIT\r\n'], '+OK\r\n+OK')).toBe('+OK\r\n$4\r\n1\r\n2\r\n+OK\r\n')
  })

  it('is closed after an answer with the reason when the bytes are no request', async () => {
    const { port } = await start()
    expect(await exchange(port, ['*1\r\n+PING\r\n'], 'never')).toBe("-ERR Protocol error: expected '$', got '+'\r\n")
  })

  it('answers 10 000 pipelined commands in order', async () => {
    const redis = client((await start()).url)
    const pipeline = redis.pipeline()
    for (let at = 1; at <= 10_000; at += 1) pipeline.incr('n')
    const answers = (await pipeline.exec()) ?? []
    expect(answers.map(([, value]) => value)).toEqual(Array.from({ length: 10_000 }, (_, at) => at + 1))
  })

  it('accepts a value of 20 MB', async () => {
    const redis = client((await start()).url)
    const value = Buffer.alloc(20_000_000, 'x')
    await redis.set('large', value)
    expect((await redis.getBuffer('large'))?.equals(value)).toBe(true)
  })

  it('sees only the selected database', async () => {
    const { url } = await start()
    await client(`${url}/1`).set('a', 'one')
    expect(await client(`${url}/2`).get('a')).toBeNull()
    expect(await client(`${url}/1`).get('a')).toBe('one')
  })
})

describe('expiry', () => {
  it('hides a key from the millisecond it expires', async () => {
    const redis = client((await start()).url)
    await redis.set('a', '1', 'PX', 1000)
    nowMs += 999
    expect(await redis.get('a')).toBe('1')
    nowMs += 1
    expect(await redis.get('a')).toBeNull()
    expect(await redis.pttl('a')).toBe(-2)
  })

  it('removes expired keys that no command reads', async () => {
    const redis = client((await start()).url)
    for (let at = 0; at < 200; at += 1) await redis.set(`k${at}`, '1', 'PX', 1000)
    await redis.set('stays', '1')
    nowMs += 1000
    await expect.poll(() => redis.info('keyspace'), { timeout: 5000, interval: 20 }).toContain('db0:keys=1\r\n')
  })
})

describe('the memory bound', () => {
  const value = 'x'.repeat(10_000)

  it('removes keys that expire before keys that do not, the least recently used first', async () => {
    const redis = client((await start({ memoryBytesMax: 100_000 })).url)
    await redis.set('lasting', value)
    for (const name of ['v0', 'v1', 'v2', 'v3']) await redis.set(name, value, 'EX', 100)
    await redis.get('v0')
    for (let at = 0; at < 7; at += 1) await redis.set(`filler${at}`, value)
    expect(await redis.exists('lasting')).toBe(1)
    expect(await redis.exists('v1')).toBe(0)
    expect(await redis.exists('v0')).toBe(1)
  })

  it('keeps the size near the bound however much is written, collections included', async () => {
    const redis = client((await start({ memoryBytesMax: 1_000_000 })).url)
    for (let at = 0; at < 300; at += 1) {
      await redis.set(`s${at}`, value)
      await redis.sadd(`l${at}`, value, `${value}+`)
    }
    const used = Number(/used_memory:(\d+)/.exec(await redis.info('memory'))?.[1])
    expect(used).toBeGreaterThan(900_000)
    expect(used).toBeLessThan(1_030_000)
  })
})

describe('SCAN', () => {
  it('returns every key that stays, exactly once, while others are added and removed', async () => {
    const redis = client((await start()).url)
    for (let at = 0; at < 100; at += 1) await redis.set(`stay${at}`, '1')
    for (let at = 0; at < 50; at += 1) await redis.set(`go${at}`, '1')
    const seen: string[] = []
    let cursor = '0'
    let round = 0
    do {
      const [next, keys] = await redis.scan(cursor, 'MATCH', 'stay*', 'COUNT', 7)
      seen.push(...keys)
      await redis.del(`go${round}`)
      await redis.set(`come${round}`, '1')
      cursor = next
      round += 1
    } while (cursor !== '0' && round < 1000)
    expect(seen.sort()).toEqual(Array.from({ length: 100 }, (_, at) => `stay${at}`).sort())
  })
})

describe.each([2, 3] as const)('publish and subscribe over RESP%i', (protocol) => {
  it('delivers to channels and patterns in the order sent, and stops after unsubscribe', async () => {
    const { url } = await start()
    const [subscriber, publisher] = [client(url, { protocol }), client(url, { protocol })]
    const heard: string[] = []
    subscriber.on('message', (channel, message) => heard.push(`${channel}=${message}`))
    subscriber.on('pmessage', (pattern, channel, message) => heard.push(`${pattern}:${channel}=${message}`))
    expect(await subscriber.subscribe('job.1', 'job.2')).toBe(2)
    expect(await subscriber.psubscribe('job.*')).toBe(3)
    expect(await publisher.publish('job.1', 'a')).toBe(2)
    expect(await publisher.publish('job.3', 'b')).toBe(1)
    await subscriber.unsubscribe('job.1')
    await subscriber.punsubscribe('job.*')
    expect(await publisher.publish('job.1', 'c')).toBe(0)
    expect(await publisher.publish('job.2', 'd')).toBe(1)
    await expect.poll(() => heard).toEqual(['job.1=a', 'job.*:job.1=a', 'job.*:job.3=b', 'job.2=d'])
  })

  it('removes a subscriber that has disconnected', async () => {
    const { url } = await start()
    const [subscriber, publisher] = [client(url, { protocol }), client(url, { protocol })]
    await subscriber.subscribe('job')
    subscriber.disconnect()
    await expect.poll(() => publisher.publish('job', 'x')).toBe(0)
  })
})

it('refuses other commands on a subscribed RESP2 connection with the message of Redis', async () => {
  const { port } = await start()
  const text = await exchange(port, ['SUBSCRIBE c\r\nGET a\r\nPING\r\nUNSUBSCRIBE\r\nPING\r\nQUIT\r\n'], '+OK')
  expect(text).toBe(
    '*3\r\n$9\r\nsubscribe\r\n$1\r\nc\r\n:1\r\n' +
      "-ERR Can't execute 'get': only (P|S)SUBSCRIBE / (P|S)UNSUBSCRIBE / PING / QUIT / RESET are allowed in this context\r\n" +
      '*2\r\n$4\r\npong\r\n$0\r\n\r\n*3\r\n$11\r\nunsubscribe\r\n$1\r\nc\r\n:0\r\n+PONG\r\n+OK\r\n',
  )
})

it('closes and refuses connections while down, and returns on the same port with its keys', async () => {
  const server = await start()
  const redis = client(server.url, { maxRetriesPerRequest: 1, connectTimeout: 500 })
  await redis.set('a', '1')
  await server.faults.down()
  await expect(redis.get('a')).rejects.toThrow()
  await server.faults.up()
  await expect.poll(() => redis.get('a').catch(() => undefined)).toBe('1')
})

it('reports when the port is taken', async () => {
  const { port } = await start()
  await expect(startRedisServer({ port })).rejects.toThrow(/EADDRINUSE/)
})
