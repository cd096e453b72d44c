import { createServer, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { getRequestListener } from '@hono/node-server'
import * as z from 'zod'
import type { HttpApp } from '../http/http-app.ts'
import { booleanVariable, type Environment, parseConfig, readEnvironment } from './config.ts'
import { keepIdleConnections } from './idle-connections.ts'

/** A started function: its app, and `close`, which is called after the last request. */
export type FunctionInstance = { app: HttpApp; close: () => Promise<void> }

/** Starts a function with the variables of `environment`. Every `main.ts` exports one as `start`. */
export type StartFunction = (environment: Environment) => Promise<FunctionInstance>

export type FunctionServer = {
  port: number
  /** Stops listening, waits for requests in flight up to `drainTimeoutMs`, then closes what the function opened. */
  close: (drainTimeoutMs: number) => Promise<void>
}

// Event attributes are headers. The dispatcher acknowledges an event on 431, so the handler has to refuse and record long ones.
// RabbitMQ limits them to one frame of 128 KiB.
const headersBytesMax = 160 * 1024
// Deadline for closing resources after the drain.
const closeTimeoutMs = 3_000

/**
 * Serves a function over HTTP/1.1 on `port` (0 for a free one) and `host` (all addresses by default). Resolves when the port is open; throws
 * when it cannot be opened.
 */
export async function listen(
  instance: FunctionInstance,
  options: { port: number; host?: string },
): Promise<FunctionServer> {
  let draining = false
  const answering = new Set<ServerResponse>()
  const handle = getRequestListener(instance.app.fetch)
  const server = createServer({ maxHeaderSize: headersBytesMax }, (request, response) => {
    answering.add(response)
    response.once('close', () => {
      answering.delete(response)
      // Node.js closes the idle connections when the server closes, and not those that become idle after it.
      if (draining) setImmediate(() => server.closeIdleConnections())
    })
    if (draining) closeAfter(response)
    return handle(request, response)
  })
  keepIdleConnections(server)
  // queue-proxy bounds the whole request; a progress stream may last longer than the 300 s of Node.js.
  server.requestTimeout = 0
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(options.port, options.host ?? '0.0.0.0', resolve)
  })
  return {
    port: (server.address() as AddressInfo).port,
    close: async (drainTimeoutMs) => {
      draining = true
      for (const response of answering) closeAfter(response)
      await drain(server, drainTimeoutMs)
      await instance.close()
    },
  }
}

/** Makes the client of a keep-alive connection open its next one to another instance. */
function closeAfter(response: ServerResponse): void {
  if (!response.headersSent) response.setHeader('connection', 'close')
}

async function drain(server: Server, timeoutMs: number): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()))
  server.closeIdleConnections()
  const deadline = setTimeout(() => server.closeAllConnections(), timeoutMs)
  await closed
  clearTimeout(deadline)
}

const serverConfigSchema = z.object({
  PORT: z.coerce.number().int().min(0).max(65_535).default(8080),
  /** Must be shorter than the grace period of the pod, which is the timeout of the revision. */
  DRAIN_TIMEOUT_MS: z.coerce.number().int().positive().default(25_000),
  /** Prints the port on one line, for a parent process that sets `PORT=0`. */
  ANNOUNCE_PORT: booleanVariable.default(false),
})

/**
 * Runs a function as a process until SIGTERM or SIGINT, then drains and exits. Called by `composeFunction`. Rejects, so that the
 * process exits with 1, when the function cannot start.
 */
export async function serve(start: StartFunction): Promise<void> {
  const environment = readEnvironment()
  const config = parseConfig(serverConfigSchema, environment)
  let server: FunctionServer | undefined
  let stopping = false
  const stop = () => {
    if (stopping) return
    stopping = true
    // No request is in flight before the port is open.
    if (!server) process.exit(0)
    // Closing a connection to an unresponsive server must not last until the pod is killed.
    setTimeout(() => process.exit(1), config.DRAIN_TIMEOUT_MS + closeTimeoutMs).unref()
    server.close(config.DRAIN_TIMEOUT_MS).then(
      () => process.exit(0),
      () => process.exit(1),
    )
  }
  // As process 1 of a container Node.js has no default action for SIGTERM, which may arrive during the start.
  process.on('SIGTERM', stop)
  process.on('SIGINT', stop)
  server = await listen(await start(environment), { port: config.PORT })
  if (config.ANNOUNCE_PORT) process.stdout.write(`listening on port ${server.port}\n`)
}
