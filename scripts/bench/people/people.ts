import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { createResources } from '../../../functions/_lib/process/resources.ts'
import { createGrowbinClient } from '../../local/demo/growbin-client.ts'
import type { RealParts } from '../../local/platform/parts/services.ts'
import { startPlatform } from '../../local/platform/platform.ts'
import { startRealRabbitmq } from '../../local/servers/real-rabbitmq.ts'
import { startRealRedis } from '../../local/servers/real-redis.ts'
import { drawPhotos } from '../analyses/draw-photos.ts'
import type { Experiment, ExperimentContext, Measurement } from '../measurement.ts'
import { compare, quantile } from '../statistics.ts'
import { live, pollMs, type Seen, thinkMs } from './live.ts'

const people = 50
const modelLatencyMs = 11_500
/** Warm-up, after which the people are spread over the phases of the loop. */
const warmUpMs = 30_000
const measuredMs = 90_000
const photoSize = { width: 480, height: 360 }
/** The minimum duration of one photo: the model, half a poll interval, and the think time. */
const circleMs = modelLatencyMs + pollMs / 2 + (thinkMs.min + thinkMs.max) / 2
const allowedPerMinute = (people * 60_000) / circleMs
const photosMax = Math.ceil((people * (warmUpMs + measuredMs)) / modelLatencyMs) + 2 * people
const names = ['people-memory', 'people-rabbitmq'] as const

type Flavour = { name: (typeof names)[number]; processes: boolean; real: RealParts }

/** Measures the answers of people who send one photo after the other, beside the maximum that the latency of the model allows. */
export function createPeople(): Experiment {
  return {
    names,
    about:
      `people: ${people} people in a closed loop (open, upload, poll every ${pollMs / 1000} s, think for ${thinkMs.min / 1000} to ${thinkMs.max / 1000} s), every photo new, model simulated with ` +
      `${modelLatencyMs / 1000} s; answers a minute over ${measuredMs / 1000} s. memory: as ./scripts/start does it, all in this process. rabbitmq: each function a process, RabbitMQ ` +
      'and Redis real. Reference: the maximum that the latency of the model allows.',
    run: measure,
  }
}

async function measure(context: ExperimentContext): Promise<Measurement[]> {
  const { wanted, note } = context
  const made: Measurement[] = []
  if (wanted.has('people-memory')) {
    made.push(await measureFlavour(context, { name: 'people-memory', processes: false, real: {} }))
  }
  if (wanted.has('people-rabbitmq')) {
    const servers = createResources()
    try {
      const rabbitmq = await startRealRabbitmq().catch(() => undefined)
      if (rabbitmq) servers.add(rabbitmq)
      const redis = await startRealRedis().catch(() => undefined)
      if (redis) servers.add(redis)
      if (rabbitmq && redis) {
        const real = { amqpUrl: rabbitmq.url, redisUrl: redis.url }
        made.push(await measureFlavour(context, { name: 'people-rabbitmq', processes: true, real }))
      } else note('people-rabbitmq was not measured, since RabbitMQ or Redis is not installed')
    } finally {
      await servers.close()
    }
  }
  return made
}

async function measureFlavour({ directory, report, note }: ExperimentContext, flavour: Flavour): Promise<Measurement> {
  const resources = createResources()
  try {
    report(`${flavour.name}: drawing photos`)
    const photos = (await drawPhotos(photosMax, Math.random, photoSize)).values()
    const platform = resources.add(
      await startPlatform({
        dataDirectory: join(directory, flavour.name),
        port: 0,
        processes: flavour.processes,
        idleMs: 1_800_000,
        real: flavour.real,
        modelLatencyMs,
        overrides: { LOG_LEVEL: 'error' },
        writeLog: () => undefined,
        report,
      }),
    )
    const clients = await Promise.all(
      Array.from({ length: people }, async (_, n) => {
        const client = createGrowbinClient({ baseUrl: platform.url })
        await client.login('kakao', `bench-${n}`)
        return client
      }),
    )
    report(`${flavour.name}: ${people} people for ${(warmUpMs + measuredMs) / 1000} s`)
    const seen: Seen = { answered: [], refused: 0 }
    const beginMs = performance.now() + warmUpMs
    const endMs = beginMs + measuredMs
    await Promise.all(
      clients.map(async (client, n) => {
        await sleep((n * circleMs) / people)
        await live(client, photos, endMs, seen)
      }),
    )
    const measured = seen.answered.filter(({ atMs }) => atMs >= beginMs && atMs < endMs)
    const perMinute = (measured.length * 60_000) / measuredMs
    const tookMs = measured.map((answered) => answered.tookMs)
    const seconds = (share: number) => (quantile(tookMs, share) / 1000).toFixed(1)
    note(
      `${flavour.name}: a photo took ${seconds(0.5)} s (p50), ${seconds(0.95)} s (p95); ${seen.refused} requests were refused temporarily`,
    )
    return {
      name: flavour.name,
      unit: 'answers/min',
      ...compare([{ value: perMinute, reference: allowedPerMinute }]),
    }
  } finally {
    await resources.close()
  }
}
