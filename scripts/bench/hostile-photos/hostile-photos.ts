import { mkdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { createResources } from '../../../functions/_lib/process/resources.ts'
import spec from '../../../functions/waste/ai-analyze/function.ts'
import { createGrowbinClient } from '../../local/demo/growbin-client.ts'
import { type Platform, startPlatform } from '../../local/platform/platform.ts'
import { memoryLimitFactor } from '../../manifests/render/service.ts'
import { type DrawnPhoto, drawPhotos } from '../analyses/draw-photos.ts'
import { readMemoryMib } from '../cold-start/read-memory.ts'
import type { Experiment, ExperimentContext, Measurement } from '../measurement.ts'
import { compare } from '../statistics.ts'
import { drawHostilePhotos, renewed } from './draw-hostile-photos.ts'

const rounds = 3
const heldMsMax = 50
const memoryLimitMib = spec.resources.memoryMiB * memoryLimitFactor
const timeoutMs = 180_000
const preload = fileURLToPath(new URL('./watch-event-loop.ts', import.meta.url))

type Client = ReturnType<typeof createGrowbinClient>
type Seen = { heldMs: number; lateMs: number; memoryMib: number }

/** Measures ten hostile photos at once in one process of the analysing function. */
export function createHostilePhotos(): Experiment {
  return {
    names: ['hostile-photos-event-loop', 'hostile-photos-memory'],
    about:
      `hostile-photos: ten photos at once, each as hard to decode as its type allows within the limits, through one bundled process of "${spec.name}"; ` +
      `event-loop: the longest processor time of one turn of its event loop (target: at most ${heldMsMax} ms). Reference: ten ordinary photos. memory: the peak resident ` +
      `memory of the process. Reference: the ${memoryLimitMib} MiB at which its pod is killed.`,
    run: measure,
  }
}

async function measure({ directory, report, note }: ExperimentContext): Promise<Measurement[]> {
  const resources = createResources()
  try {
    report('drawing photos')
    const hostile = await drawHostilePhotos()
    const folder = join(directory, 'event-loop')
    await mkdir(folder)
    const platform = resources.add(
      await startPlatform({
        dataDirectory: join(directory, 'platform'),
        port: 0,
        processes: true,
        idleMs: 1_800_000,
        real: {},
        modelLatencyMs: 500,
        overrides: { LOG_LEVEL: 'error', REQUESTS_PER_MINUTE_MAX: '100000' },
        processEnvironment: { NODE_OPTIONS: `--import ${preload}`, GROWBIN_EVENT_LOOP: folder },
        writeLog: () => undefined,
        report,
      }),
    )
    const clients = await Promise.all(
      hostile.map(async (_, n) => {
        const client = createGrowbinClient({ baseUrl: platform.url })
        await client.login('kakao', `bench-${n}`)
        return client
      }),
    )
    report('warming up')
    await analyseAll(clients, await drawPhotos(clients.length, Math.random))
    await analyseAll(clients, [renewed(hostile[0] as DrawnPhoto)])

    const pairs: { hostile: Seen; ordinary: Seen }[] = []
    for (let round = 1; round <= rounds; round += 1) {
      report(`round ${round} of ${rounds}`)
      const photos = await drawPhotos(clients.length, Math.random)
      const ordinary = await watch(platform, folder, () => analyseAll(clients, photos))
      const seen = await watch(platform, folder, async () => {
        const ends = await analyseAll(clients, hostile.map(renewed))
        if (round === 1) for (const [n, end] of ends.entries()) note(`${hostile[n]?.name.padEnd(28)} ${end}`)
      })
      pairs.push({ hostile: seen, ordinary })
      note(`round ${round}, ordinary: ${describe(ordinary)}; hostile: ${describe(seen)}`)
    }
    return [
      {
        name: 'hostile-photos-event-loop',
        unit: 'ms',
        ...compare(pairs.map((pair) => ({ value: pair.hostile.heldMs, reference: pair.ordinary.heldMs }))),
      },
      {
        name: 'hostile-photos-memory',
        unit: 'MiB',
        ...compare(pairs.map((pair) => ({ value: pair.hostile.memoryMib, reference: memoryLimitMib }))),
      },
    ]
  } finally {
    await resources.close()
  }
}

const describe = ({ heldMs, lateMs, memoryMib }: Seen): string =>
  `event loop blocked for ${heldMs.toFixed(0)} ms of processor time, ${lateMs.toFixed(0)} ms by the clock of the shared machine; ${memoryMib.toFixed(0)} MiB`

/** How each analysis ended: answered, or its failure reason. */
async function analyseAll(clients: readonly Client[], photos: readonly DrawnPhoto[]): Promise<string[]> {
  return Promise.all(
    photos.map(async (photo, n) => {
      const client = clients[n] as Client
      const startedMs = performance.now()
      const jobId = await client.upload(photo)
      await client.completeUpload(jobId)
      const { status, reason } = await client.follow(jobId, () => undefined, timeoutMs)
      return `${reason ?? status} after ${Math.round(performance.now() - startedMs)} ms`
    }),
  )
}

async function watch(platform: Platform, folder: string, work: () => Promise<unknown>): Promise<Seen> {
  const instances = platform.revisions.get(spec.name)?.instances() ?? []
  const [processId] = instances.map((instance) => instance.processId)
  if (instances.length !== 1 || !processId)
    throw new Error(`"${spec.name}" runs ${instances.length} times, expected once`)
  process.kill(processId, 'SIGUSR2')
  let memoryMib = 0
  const done = new AbortController()
  const sampling = (async () => {
    while (!done.signal.aborted) {
      memoryMib = Math.max(memoryMib, (await readMemoryMib(processId)) ?? 0)
      await sleep(10)
    }
  })()
  await work()
  // The watcher writes every 100 ms.
  await sleep(250)
  done.abort()
  await sampling
  const { heldMs, lateMs } = JSON.parse(await readFile(join(folder, `${processId}.json`), 'utf8')) as Omit<
    Seen,
    'memoryMib'
  >
  return { heldMs, lateMs, memoryMib }
}
