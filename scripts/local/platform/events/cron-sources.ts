import { randomUUID } from 'node:crypto'
import { Cron } from 'croner'
import {
  type FunctionSpec,
  type Schedule,
  tickExtensions,
  tickSourceOf,
} from '../../../../functions/_lib/process/function-spec.ts'
import { schedulesOf } from '../../../manifests/trigger-kind.ts'

export type CronSourcesOptions = {
  specs: readonly FunctionSpec[]
  urlOf: (functionName: string) => string
  /** Ingress of the broker, to which the schedules of queues go. */
  brokerUrl: string
  log: (message: string, fields: object) => void
}

const timeoutMs = 60_000
const triesMax = 6

/** Sends what PingSources send: a fresh event at each tick, tried again a few times, and then lost. */
export function startCronSources(options: CronSourcesOptions): { close: () => Promise<void> } {
  const running = new Set<Promise<void>>()
  const crons = options.specs.flatMap((spec) =>
    schedulesOf(spec).map(
      (schedule) =>
        new Cron(schedule.cron, { timezone: 'Asia/Seoul', protect: true }, async () => {
          const sending = send(options, spec, schedule)
          running.add(sending)
          await sending
          running.delete(sending)
        }),
    ),
  )
  return {
    close: async () => {
      for (const cron of crons) cron.stop()
      await Promise.all(running)
    },
  }
}

async function send(options: CronSourcesOptions, spec: FunctionSpec, schedule: Schedule): Promise<void> {
  const { trigger } = spec
  if ('routes' in trigger) return
  const source = tickSourceOf(spec, schedule)
  const headers: Record<string, string> = {
    'content-type': 'application/json',
    'ce-specversion': '1.0',
    'ce-id': randomUUID(),
    'ce-type': 'dev.knative.sources.ping',
    'ce-source': source,
    'ce-time': new Date().toISOString(),
  }
  // As the generated PingSource adds them.
  for (const [key, value] of Object.entries(tickExtensions(trigger, schedule))) headers[`ce-${key}`] = value
  for (let tried = 1; tried <= triesMax; tried += 1) {
    try {
      const response = await fetch('queue' in trigger ? options.brokerUrl : `${options.urlOf(spec.name)}/`, {
        method: 'POST',
        headers,
        body: JSON.stringify(schedule.body),
        signal: AbortSignal.timeout(timeoutMs),
      })
      await response.body?.cancel()
      if (response.ok) return
    } catch {
      // A function that is away is tried again below, as one that answers with an error.
    }
    await new Promise((resolve) => setTimeout(resolve, 50 * 2 ** tried).unref())
  }
  options.log('a tick was lost', { source })
}
