import type { Server } from 'node:http'

/**
 * How long clients keep a connection on which nothing happens, in milliseconds. A client that reuses a connection at the moment at
 * which its server closes it gets ECONNRESET, so each of these is shorter than `serverIdleMs`.
 */
export const clientIdleMs = {
  /** Go's `http.Transport` in queue-proxy, the activator, the dispatchers and the ingress of the broker: `IdleConnTimeout`. */
  goTransport: 90_000,
  /** A load balancer of AWS, on both of its sides, as it is set by default. */
  loadBalancer: 60_000,
  /** `fetch` of Node.js: what the server advertises, less 2 s; 4 s for a server that advertises nothing. */
  fetch: 60_000 - 2_000,
  /** `http.Agent` of Node.js with `keepAlive`, and the AWS SDK over it: what the server advertises, less 1 s. */
  agent: 60_000 - 1_000,
} as const

/** Advertised to clients in `Keep-Alive: timeout=60`. */
export const advertisedIdleMs = 60_000
/** When our server closes an idle connection. Go ignores the advertised time, and a client with a blocked event loop closes late. */
export const serverIdleMs = 100_000
/** From the first byte of a request to the end of its headers. */
export const headersTimeoutMs = 60_000

/** Sets the timeouts of a server so that it keeps idle connections for longer than any of its clients. */
export function keepIdleConnections(server: Server): void {
  server.keepAliveTimeout = advertisedIdleMs
  server.keepAliveTimeoutBuffer = serverIdleMs - advertisedIdleMs
  server.headersTimeout = headersTimeoutMs
}
