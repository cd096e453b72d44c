import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import { redisDatabase } from '../../../functions/_contracts/redis-databases.ts'
import { createResources } from '../../../functions/_lib/process/resources.ts'
import { openRedis } from '../../../functions/_lib/stores/redis.redis.ts'
import { silentLog } from '../../../functions/_lib/testing/silent-log.ts'
import { createSnapshots } from '../../../functions/waste/snapshot/snapshots.redis.ts'
import { bundleFunctions } from '../../bundle/bundle-functions.ts'
import { buildReferences } from '../build-references.ts'
import { type Load, runLoad } from '../load/load.ts'
import type { Experiment, ExperimentContext, Measurement } from '../measurement.ts'
import { openServices } from '../open-services.ts'
import { readCpuMs } from '../read-cpu.ts'
import { type MeasuredProcess, startProcess } from '../start-process.ts'
import { compare } from '../statistics.ts'
import { createCompletedJob } from './completed-job.ts'

const connections = 64
const warmUpMs = 1_500
const sliceMs = 2_000
const slices = 7

type Slice = Load & { cpuMicros: number }

const figures: { name: string; unit: string; read: (slice: Slice) => number }[] = [
  { name: 'status-throughput', unit: 'requests/s', read: (slice) => slice.requestsPerSecond },
  // Hardly affected by other programs on the machine.
  { name: 'status-cpu', unit: 'µs/request', read: (slice) => slice.cpuMicros },
  { name: 'status-latency-p50', unit: 'ms', read: (slice) => slice.latencyP50Ms },
  { name: 'status-latency-p95', unit: 'ms', read: (slice) => slice.latencyP95Ms },
  { name: 'status-latency-p99', unit: 'ms', read: (slice) => slice.latencyP99Ms },
]

/** Measures the status of a completed job at full load, from waste-status and from a bare server in turns. */
export function createStatus(): Experiment {
  return {
    names: figures.map(({ name }) => name),
    about: `status: a completed job, ${connections} kept-alive connections. Reference: a bare node:http process with the same read of Redis.`,
    run: measure,
  }
}

async function measure({ directory, report, note }: ExperimentContext): Promise<Measurement[]> {
  report('bundling waste-status')
  const [bundle] = await bundleFunctions({ outDirectory: join(directory, 'bundles'), names: ['waste-status'] })
  const references = await buildReferences(directory, ['bare-status'])
  const resources = createResources()
  try {
    const services = resources.add(await openServices(directory))
    const { redisUrl } = services
    const person = await services.signIn()
    const redis = resources.add(openRedis({ url: redisUrl, database: redisDatabase.progress, log: silentLog }))
    const job = createCompletedJob(randomUUID(), person.userId, new Date())
    await createSnapshots(redis, silentLog).publish(job)
    // A separate key, so that the reference does not change with the cache format of the function.
    await redis.use((client) => client.set(`bench:${job.jobId}`, JSON.stringify(job), 'EX', 600))

    const start = async (file: string, environment: Record<string, string>) => {
      const running = await startProcess(file, environment)
      resources.add({ close: running.stop })
      return running
    }
    const server = await start(bundle?.file ?? '', {
      ...services.environmentOf('waste-status'),
      REQUESTS_PER_MINUTE_MAX: '1000000000',
    })
    const bare = await start(join(references, 'bare-status.js'), {
      REDIS_URL: redisUrl,
      REDIS_DATABASE: String(redisDatabase.progress),
    })
    const load = async (running: MeasuredProcess, durationMs: number): Promise<Slice> => {
      const cpuBeforeMs = await readCpuMs(running.processId)
      const made = await runLoad({
        port: running.port,
        path: `/api/v1/waste/status/${job.jobId}`,
        headers: { authorization: `Bearer ${person.token}`, 'accept-language': 'ko' },
        connections,
        durationMs,
        bodyBytesMin: JSON.stringify(job.result).length,
      })
      const cpuMs = (await readCpuMs(running.processId)) - cpuBeforeMs
      return { ...made, cpuMicros: (cpuMs * 1000) / made.requests }
    }

    report('warming up both servers')
    const { bodyBytes } = await load(server, warmUpMs)
    await load(bare, warmUpMs)
    const pairs: { value: Slice; reference: Slice }[] = []
    for (let slice = 0; slice < slices; slice += 1) {
      report(`status, slice ${slice + 1} of ${slices}`)
      const reference = await load(bare, sliceMs)
      pairs.push({ reference, value: await load(server, sliceMs) })
    }
    note(`Redis: ${services.redisNote}; a status has ${bodyBytes} bytes; ${sliceMs / 1000} s a slice`)
    return figures
      .map(({ name, unit, read }) => ({
        name,
        unit,
        ...compare(pairs.map(({ value, reference }) => ({ value: read(value), reference: read(reference) }))),
      }))
      .filter(({ ratio }) => !Number.isNaN(ratio))
  } finally {
    await resources.close()
  }
}
