import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'

/** The behaviour of the simulated network between two processes. */
export type Condition = {
  /** Bytes are dropped in both directions; connections stay open, and new ones are accepted. */
  blackHole?: boolean
  /** Delay of each chunk, in both directions. */
  delayMs?: number
  /** Limit for each connection and direction. */
  bytesPerSecondMax?: number
}

export type TcpProxy = {
  port: number
  connections: () => number
  /** Closes every connection (FIN) and refuses new ones until `recover`. */
  cut: () => void
  /** Resets every connection (RST), and keeps accepting new ones. */
  reset: () => void
  /** Sets the behaviour for existing and new connections. Bytes that a black hole dropped are lost. */
  set: (condition: Condition) => void
  /** Restores a normal network; connections that lost bytes are reset, since their peers could not continue. */
  recover: () => void
  close: () => Promise<void>
}

type Link = { client: Socket; upstream: Socket; swallowed: boolean }

/** Starts a TCP proxy that can disconnect, reset, drop, delay and throttle: a network that fails on command. */
export async function startTcpProxy(target: { host: string; port: number }): Promise<TcpProxy> {
  const links = new Set<Link>()
  let isCut = false
  let condition: Condition = {}

  const server = createServer({ noDelay: true, allowHalfOpen: true }, (client) => {
    if (isCut) return void client.destroy()
    const upstream = connect({ ...target, noDelay: true, allowHalfOpen: true })
    const link = { client, upstream, swallowed: false }
    links.add(link)
    for (const socket of [client, upstream]) {
      socket.on('error', () => undefined)
      socket.on('close', () => {
        links.delete(link)
        client.destroy()
        upstream.destroy()
      })
    }
    void pass(link, client, upstream)
    void pass(link, upstream, client)
  })

  async function pass(link: Link, from: Socket, to: Socket): Promise<void> {
    try {
      for await (const chunk of from as AsyncIterable<Buffer>) {
        if (condition.delayMs) await sleep(condition.delayMs)
        if (condition.bytesPerSecondMax) await sleep((chunk.byteLength * 1000) / condition.bytesPerSecondMax)
        if (condition.blackHole) {
          link.swallowed = true
          continue
        }
        if (!to.write(chunk)) await drained(to)
      }
      to.end()
    } catch {
      // The connection was destroyed, and so was its other half.
    }
  }

  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(0, '127.0.0.1', resolve)
  })
  const cut = () => {
    isCut = true
    for (const { client } of links) client.destroy()
  }
  return {
    port: (server.address() as AddressInfo).port,
    connections: () => links.size,
    cut,
    reset: () => {
      for (const { client, upstream } of links) {
        client.resetAndDestroy()
        upstream.resetAndDestroy()
      }
    },
    set: (next) => {
      condition = next
    },
    recover: () => {
      isCut = false
      condition = {}
      for (const { client, upstream, swallowed } of links) {
        if (!swallowed) continue
        client.resetAndDestroy()
        upstream.resetAndDestroy()
      }
    },
    close: async () => {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()))
      cut()
      await closed
    },
  }
}

function drained(socket: Socket): Promise<void> {
  return new Promise((resolve) => {
    socket.once('drain', resolve)
    socket.once('close', () => resolve())
  })
}
