import { randomUUID } from 'node:crypto'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { keepIdleConnections } from '../../../functions/_lib/process/idle-connections.ts'
import { createFaults, type FaultControl } from './faults.ts'
import { answerClientError } from './http/client-error.ts'
import { createRequestHandler } from './http/handle-request.ts'
import type { Credentials } from './signing/authenticate.ts'
import { openStorage } from './storage/open-storage.ts'

export type S3StoreOptions = {
  /** Contains the objects, also across restarts; used by one store at a time. */
  directory: string
  host?: string
  /** 0, the default, selects a free port. */
  port?: number
  region: string
  credentials: Credentials
  /** Created at the start unless they exist. */
  buckets: string[]
  /** Largest object of one PUT; 5 GiB by default, as on S3. */
  objectSizeBytesMax?: number
  now?: () => Date
  /** Returns numbers from 0 to below 1, which decide which requests a fault with a rate affects. */
  random?: () => number
  newId?: () => string
  /** Receives every error that is not an S3Error. */
  onInternalError?: (error: unknown) => void
}

export type S3Store = { url: string; close: () => Promise<void>; faults: FaultControl }

const objectSizeBytesMaxDefault = 5 * 1024 ** 3

/** Starts a local object store that implements S3 with path-style addresses and checks every signature, length and checksum. */
export async function startS3Store(options: S3StoreOptions): Promise<S3Store> {
  const {
    directory,
    host = '127.0.0.1',
    port = 0,
    region,
    credentials,
    objectSizeBytesMax = objectSizeBytesMaxDefault,
    now = () => new Date(),
    random = Math.random,
    newId = randomUUID,
    onInternalError = () => {},
  } = options
  const storage = await openStorage({ directory, newId })
  for (const name of options.buckets) await storage.createBucket(name)
  const faults = createFaults(random)
  const closing = new AbortController()
  const handler = createRequestHandler(
    { storage, region, now, objectSizeBytesMax },
    { credentials, faults, newId, onInternalError, closingSignal: closing.signal },
  )

  // No request timeout, since an upload of several gigabytes over a slow link is legitimate.
  const server = createServer({ requestTimeout: 0 }, handler.handle)
  keepIdleConnections(server)
  server.on('checkContinue', handler.handle)
  server.on('clientError', (error, socket) => {
    handler.abandon(socket)
    answerClientError(error, socket, newId())
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, host, resolve)
  })
  const { port: boundPort } = server.address() as AddressInfo // listening on TCP, so neither a path nor null

  return {
    url: `http://${host.includes(':') ? `[${host}]` : host}:${boundPort}`,
    faults: faults.control,
    close: async () => {
      closing.abort()
      const closed = new Promise<void>((resolve) => server.close(() => resolve()))
      server.closeAllConnections()
      await closed
      await handler.settle()
    },
  }
}
