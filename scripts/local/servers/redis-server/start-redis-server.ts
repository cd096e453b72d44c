import { createServer, type Server, type Socket } from 'node:net'
import type { Engine } from './command.ts'
import { COMMANDS } from './commands/command-table.ts'
import { createExpireCycle } from './expire-cycle.ts'
import { createKeyspace } from './keyspace.ts'
import { createMemoryBound } from './memory-bound.ts'
import { encodeReply } from './resp/encode-reply.ts'
import { createRequestParser } from './resp/parse-requests.ts'
import { error } from './resp/reply.ts'
import { answerRequest, runQueued } from './run-command.ts'
import { createSession } from './session.ts'
import { createSubscriptions } from './subscriptions.ts'

const DATABASES = 16
const MEMORY_BYTES_MAX_DEFAULT = 256 * 1024 * 1024
const EXPIRE_CYCLE_INTERVAL_MS = 100

export type RedisServerOptions = {
  /** Where to listen; 127.0.0.1 by default. */
  host?: string
  /** 0, the default, takes any free port. */
  port?: number
  /** Milliseconds since 1970, by which keys expire. */
  now?: () => number
  /** Approximate limit of keys and values, above which the least recently used are removed; 256 MiB by default. */
  memoryBytesMax?: number
}

export type RedisServer = {
  url: string
  port: number
  /** An outage: `down` refuses and closes every connection and keeps the keys, `up` listens on the same port again. */
  faults: { down: () => Promise<void>; up: () => Promise<void> }
  close: () => Promise<void>
}

/**
 * Starts a Redis that lives in this process and stores nothing on disk, reachable over TCP by RESP2 and RESP3. It has the
 * commands that the product and its tests send, and refuses any other by name as Redis does.
 */
export async function startRedisServer(options: RedisServerOptions = {}): Promise<RedisServer> {
  const { host = '127.0.0.1', now = Date.now, memoryBytesMax = MEMORY_BYTES_MAX_DEFAULT } = options
  let ticks = 0
  const tick = () => {
    ticks += 1
    return ticks
  }
  const databases = Array.from({ length: DATABASES }, () => createKeyspace({ now, tick }))
  const memory = createMemoryBound(databases, memoryBytesMax)
  let processedCommands = 0
  let listeningPort = options.port ?? 0
  const sockets = new Set<Socket>()
  const engine: Engine = {
    now,
    port: () => listeningPort,
    sizeBytesMax: memoryBytesMax,
    databases,
    sessionCount: () => sockets.size,
    subscriptions: createSubscriptions(),
    usedBytes: memory.usedBytes,
    processedCommands: () => processedCommands,
    commands: COMMANDS,
    run: (session, request) => runQueued(engine, session, request, memory.makeRoom),
  }
  let lastSessionId = 0

  function serve(socket: Socket) {
    sockets.add(socket)
    socket.setNoDelay(true)
    const parser = createRequestParser()
    lastSessionId += 1
    const session = createSession(lastSessionId, {
      send: (reply) => {
        if (socket.writable) socket.write(encodeReply(reply, session.protocol), 'latin1')
      },
      end: () => queueMicrotask(() => socket.end()),
    })
    socket.on('data', (chunk: Buffer) => {
      // One write for the answers to all requests of a chunk, as pipelining clients expect.
      socket.cork()
      try {
        for (const request of parser.push(chunk)) {
          processedCommands += 1
          session.send(answerRequest(engine, session, request, memory.makeRoom))
        }
      } catch (cause) {
        session.send(error(`ERR Protocol error: ${cause instanceof Error ? cause.message : String(cause)}`))
        session.end()
      }
      socket.uncork()
    })
    // A connection reset by the client is followed by "close", which cleans up.
    socket.on('error', () => undefined)
    socket.on('close', () => {
      sockets.delete(socket)
      engine.subscriptions.removeSession(session)
    })
  }

  async function listen(): Promise<Server> {
    const server = createServer(serve)
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject)
      server.listen(listeningPort, host, resolve)
    })
    const address = server.address()
    if (address && typeof address === 'object') listeningPort = address.port
    return server
  }

  let server: Server | undefined = await listen()
  const expireCycle = setInterval(createExpireCycle(databases), EXPIRE_CYCLE_INTERVAL_MS)
  expireCycle.unref()

  async function down() {
    const closing = server
    server = undefined
    if (!closing) return
    const closed = new Promise<void>((resolve) => closing.close(() => resolve()))
    for (const socket of sockets) socket.destroy()
    await closed
  }

  return {
    url: `redis://${host}:${listeningPort}`,
    port: listeningPort,
    faults: {
      down,
      async up() {
        server ??= await listen()
      },
    },
    async close() {
      clearInterval(expireCycle)
      await down()
    },
  }
}
