import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { createResources } from '../../../functions/_lib/process/resources.ts'
import { buildReferences } from '../build-references.ts'
import type { ExperimentContext, Measurement } from '../measurement.ts'
import { openServices } from '../open-services.ts'
import { startProcess } from '../start-process.ts'
import { compare } from '../statistics.ts'
import { benchEventKeys, newMessage, type OneQueue, openOneQueue } from './one-queue.ts'

export const eventsOfRound = 4_000
const rounds = 7
const pollMs = 10
const timeoutMs = 60_000

/** Measures the events per second that our broker delivers to a function process, and that amqplib alone consumes from the same queue. */
export async function measureThroughput(
  name: 'empty' | 'noting',
  amqpUrl: string,
  { directory, report }: Pick<ExperimentContext, 'directory' | 'report'>,
): Promise<Measurement> {
  const resources = createResources()
  try {
    const references = await buildReferences(directory, [`${name}-function`])
    const environment: Record<string, string> = { EVENT_KEYS: benchEventKeys }
    if (name === 'noting') {
      const services = resources.add(await openServices(directory))
      environment.DATABASE_URL = services.environmentOf('events-relay').DATABASE_URL ?? ''
    }
    const running = await startProcess(join(references, `${name}-function.js`), environment)
    resources.add({ close: running.stop })
    const queue = await openOneQueue(amqpUrl, name, `http://127.0.0.1:${running.port}/`)
    resources.add(queue.bare)

    const perSecond = (durationMs: number) => (eventsOfRound * 1000) / durationMs
    const fill = () => queue.bare.fill(Array.from({ length: eventsOfRound }, () => newMessage(name)))
    const pairs: { value: number; reference: number }[] = []
    for (let round = 0; round <= rounds; round += 1) {
      report(`broker to ${name} function, ${round === 0 ? 'warming up' : `round ${round} of ${rounds}`}`)
      await fill()
      const reference = perSecond(await queue.bare.drain(eventsOfRound))
      await fill()
      const value = perSecond(await deliverAll(queue))
      if (round > 0) pairs.push({ value, reference })
    }
    return { name: `broker-throughput-${name}`, unit: 'events/s', ...compare(pairs) }
  } finally {
    await resources.close()
  }
}

/** Milliseconds until every event was answered and acknowledged. Throws when one was not answered 2xx at its first delivery. */
async function deliverAll(queue: OneQueue): Promise<number> {
  const broker = await queue.startBroker()
  const startedMs = performance.now()
  try {
    for (;;) {
      const { delivered, retried, dropped } = await broker.counts()
      if (retried + dropped > 0) throw new Error(`${retried + dropped} events were retried or dropped`)
      if (delivered >= eventsOfRound) return performance.now() - startedMs
      if (performance.now() - startedMs > timeoutMs)
        throw new Error(`${delivered} events of ${eventsOfRound} in a minute`)
      await sleep(pollMs)
    }
  } finally {
    await broker.close()
  }
}
