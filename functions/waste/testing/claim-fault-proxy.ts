import { type AddressInfo, connect, createServer, type Socket } from 'node:net'

/** Before PostgreSQL has heard of it, or after it has committed it; in silence the connection stays open and nothing comes. */
export type CutMoment = 'before' | 'after' | 'in silence after'

export type ClaimFaultProxy = {
  /** The address of the database by way of this. */
  url: string
  /** Loses the connections of the next claims. `meanwhile` runs once PostgreSQL has done what it will do, before each loss. */
  cut: (moment: CutMoment, times: number, meanwhile?: () => Promise<unknown>) => void
  /** How many were lost since the last call of `cut`. */
  cuts: () => number
  close: () => Promise<void>
}

const claimWords = "set state = 'processing'"
/** "Ready for query", outside of a transaction: what the statement did is committed. */
const readyBytes = Buffer.from([0x5a, 0, 0, 0, 5, 0x49])

/** Stands between a function and PostgreSQL, and loses the connection at a claim as a server that is killed does. */
export async function startClaimFaultProxy(databaseUrl: string): Promise<ClaimFaultProxy> {
  const url = new URL(databaseUrl)
  const target = { host: url.hostname, port: Number(url.port) }
  const clients = new Set<Socket>()
  let armed: { moment: CutMoment; times: number; meanwhile?: (() => Promise<unknown>) | undefined } | undefined
  let cuts = 0

  const server = createServer((client) => {
    const upstream = connect(target)
    clients.add(client)
    for (const socket of [client, upstream]) {
      socket.on('error', () => undefined)
      socket.on('close', () => {
        clients.delete(client)
        client.destroy()
        upstream.destroy()
      })
    }
    let met: typeof armed
    const lose = () => {
      const { moment, meanwhile } = met ?? {}
      // A test that fails in between fails by what it finds afterwards.
      void (meanwhile?.() ?? Promise.resolve())
        .catch(() => undefined)
        .finally(() => {
          if (moment !== 'in silence after') client.resetAndDestroy()
        })
    }
    client.on('data', (bytes) => {
      if (armed && cuts < armed.times && bytes.includes(claimWords)) {
        met = armed
        cuts += 1
        if (met.moment === 'before') return lose()
      }
      upstream.write(bytes)
    })
    upstream.on('data', (bytes) => {
      if (!met) client.write(bytes)
      else if (bytes.subarray(-readyBytes.length).equals(readyBytes)) lose()
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  url.hostname = '127.0.0.1'
  url.port = String((server.address() as AddressInfo).port)
  return {
    url: url.href,
    cut: (moment, times, meanwhile) => {
      armed = { moment, times, meanwhile }
      cuts = 0
    },
    cuts: () => cuts,
    close: async () => {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()))
      for (const client of clients) client.destroy()
      await closed
    },
  }
}
