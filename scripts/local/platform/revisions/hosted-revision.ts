import type { Environment } from '../../../../functions/_lib/process/config.ts'
import { listen } from '../../../../functions/_lib/process/serve.ts'
import { loadFunction } from '../deployment/function-code.ts'
import type { Revision } from './revision.ts'

const drainTimeoutMs = 10_000

/** Runs a function inside of this process, on a port of its own. */
export async function startHostedRevision(name: string, environment: Environment): Promise<Revision> {
  const start = await loadFunction(name)
  const server = await listen(await start(environment), { port: 0, host: '127.0.0.1' })
  return {
    name,
    port: server.port,
    instances: () => [{ processId: process.pid, port: server.port, requestsInFlight: 0 }],
    close: () => server.close(drainTimeoutMs),
  }
}
