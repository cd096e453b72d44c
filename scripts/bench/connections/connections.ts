import { join } from 'node:path'
import { toBinaryMessage } from '../../../functions/_lib/events/cloud-event.ts'
import { createPoster, type Post, type PosterOptions } from '../../local/broker/dispatch/http-post.ts'
import { benchEventKeys, benchSignatures, newEvent, parallelism } from '../broker/one-queue.ts'
import { buildReferences } from '../build-references.ts'
import type { Experiment, ExperimentContext, Measurement } from '../measurement.ts'
import { readCpuMs } from '../read-cpu.ts'
import { type MeasuredProcess, startProcess } from '../start-process.ts'
import { compare, median } from '../statistics.ts'

const names = ['connections-cpu', 'connections-cpu-bare'] as const
const programs = { 'connections-cpu': 'empty-function', 'connections-cpu-bare': 'empty-server' } as const
/** The limit of Go's default HTTP client, which the RabbitMQ dispatcher uses. */
const idleConnectionsMax = 2
const eventsOfSlice = 3_000
const slices = 9
const timeoutMs = 10_000
const openedOfEvent = (parallelism - idleConnectionsMax) / parallelism

/** Measures the cost of an event when most events use a new connection, as with the RabbitMQ dispatcher. */
export function createConnections(): Experiment {
  return {
    names,
    about:
      `connections: time on the processor that an event costs a function that only reads it, ${eventsOfSlice} events, ${parallelism} at once and then the next ` +
      `${parallelism}, by a client that keeps ${idleConnectionsMax} idle connections, so that ${openedOfEvent} of them open one. Reference: the same events over ` +
      'connections that are all kept. bare: the same of a node:http server that does nothing.',
    run: measure,
  }
}

async function measure({ wanted, directory, report, note }: ExperimentContext): Promise<Measurement[]> {
  const measurements: Measurement[] = []
  for (const name of names) {
    if (!wanted.has(name)) continue
    const references = await buildReferences(directory, [programs[name]])
    const running = await startProcess(join(references, `${programs[name]}.js`), { EVENT_KEYS: benchEventKeys })
    try {
      const pairs: { value: number; reference: number }[] = []
      for (let slice = 0; slice <= slices; slice += 1) {
        report(`${name}, ${slice === 0 ? 'warming up' : `slice ${slice} of ${slices}`}`)
        const reference = await cpuMicrosOf(running, {})
        const value = await cpuMicrosOf(running, { idleConnectionsMax })
        if (slice > 0) pairs.push({ value, reference })
      }
      const perConnection = median(pairs.map(({ value, reference }) => (value - reference) / openedOfEvent))
      note(`${name}: a connection costs ${perConnection.toFixed(0)} µs`)
      measurements.push({ name, unit: 'µs/event', ...compare(pairs) })
    } finally {
      await running.stop()
    }
  }
  return measurements
}

async function cpuMicrosOf({ processId, port }: MeasuredProcess, options: PosterOptions): Promise<number> {
  const poster = createPoster(options)
  const post = poster.to(`http://127.0.0.1:${port}/`)
  const beforeMs = await readCpuMs(processId)
  for (let sent = 0; sent < eventsOfSlice; sent += parallelism) {
    await Promise.all(Array.from({ length: parallelism }, () => postOne(post)))
  }
  poster.close()
  return ((await readCpuMs(processId)) - beforeMs) * (1000 / eventsOfSlice)
}

async function postOne(post: Post): Promise<void> {
  const { headers, body } = toBinaryMessage(benchSignatures.sign(newEvent('connections')))
  const outcome = await post({ headers, body: Buffer.from(body), timeoutMs, signal: new AbortController().signal })
  if (outcome.kind === 'failed' || outcome.status > 299) throw new Error('The function did not take an event')
}
