import { randomUUID } from 'node:crypto'
import { Cron } from 'croner'
import type { Destination } from '../../../manifests/read/destination.ts'
import type { DeployedPingSource } from '../../../manifests/read/read-eventing.ts'

export type CronSourcesOptions = {
  sources: readonly DeployedPingSource[]
  /** Where a function or the ingress of a broker is reached. */
  urlOf: (sink: Destination) => string
  log: (message: string, fields: object) => void
}

const timeoutMs = 60_000
const maxAttempts = 6

/** Sends what PingSources send: a fresh event at each tick, tried again a few times, and then lost. */
export function startCronSources(options: CronSourcesOptions): { close: () => Promise<void> } {
  const running = new Set<Promise<void>>()
  const crons = options.sources.map(
    (source) =>
      new Cron(source.schedule, { timezone: source.timezone, protect: true }, async () => {
        const sending = send(options, source)
        running.add(sending)
        await sending
        running.delete(sending)
      }),
  )
  return {
    close: async () => {
      for (const cron of crons) cron.stop()
      await Promise.all(running)
    },
  }
}

async function send(options: CronSourcesOptions, ping: DeployedPingSource): Promise<void> {
  const source = `/apis/v1/namespaces/${ping.namespace}/pingsources/${ping.name}`
  const headers: Record<string, string> = {
    'content-type': ping.contentType,
    'ce-specversion': '1.0',
    'ce-id': randomUUID(),
    'ce-type': 'dev.knative.sources.ping',
    'ce-source': source,
    'ce-time': new Date().toISOString(),
  }
  for (const [key, value] of Object.entries(ping.extensions)) headers[`ce-${key}`] = value
  for (let tried = 1; tried <= maxAttempts; tried += 1) {
    try {
      const response = await fetch(options.urlOf(ping.sink), {
        method: 'POST',
        headers,
        body: ping.data,
        signal: AbortSignal.timeout(timeoutMs),
      })
      await response.body?.cancel()
      if (response.ok) return
    } catch {
      // A function that is unavailable is tried again below, as one that answers with an error.
    }
    await new Promise((resolve) => setTimeout(resolve, 50 * 2 ** tried).unref())
  }
  options.log('a tick was lost', { source })
}
