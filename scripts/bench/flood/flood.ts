import { setTimeout as sleep } from 'node:timers/promises'
import { connect } from 'amqplib'
import { createResources } from '../../../functions/_lib/process/resources.ts'
import { createNames } from '../../local/broker/topology/names.ts'
import { findSignatures } from '../../local/platform/environment/local-signatures.ts'
import type { Platform } from '../../local/platform/platform.ts'
import { startRealRabbitmq } from '../../local/servers/real-rabbitmq.ts'
import { startRealRedis } from '../../local/servers/real-redis.ts'
import { broker as mainBroker } from '../../manifests/render/trigger.ts'
import { drawPhotos } from '../analyses/draw-photos.ts'
import type { Experiment, ExperimentContext, Measurement } from '../measurement.ts'
import { startBenchPlatform } from '../start-bench-platform.ts'
import { compare, quantile } from '../statistics.ts'
import { analyseSteadily } from './analyse-steadily.ts'
import { postFlood } from './post-flood.ts'

const eventsOfFlood = 5_000
const rounds = 4
const photosOfSlice = 60
const everyMs = 400
const people = 8
const modelLatencyMs = 500
const photoSize = { width: 480, height: 360 }
const batchQueue = createNames({ namespace: 'messaging', uid: 'local' }).triggerQueue('q-batch')
const names = ['flood-analysis-p50', 'flood-analysis-p95'] as const
const pollMs = 250
const endTimeoutMs = 120_000
// Longer than the whole measurement, so that no instance starts or stops during it.
const idleMs = 1_800_000

/** Measures analyses during a flood of batch work, beside analyses without one. */
export function createFlood(): Experiment {
  return {
    names,
    about:
      `flood: ${eventsOfFlood} commands of batch work posted at once, then ${photosOfSlice} analyses of small photos, one every ${everyMs} ms, while they are ` +
      `handled; the rest is purged; model simulated with ${modelLatencyMs} ms; each function a process, RabbitMQ, Redis and PostgreSQL real. From ` +
      'upload-complete to the result in the progress stream. Reference: the same without a flood, in turns.',
    run: measure,
  }
}

async function measure({ directory, report, note }: ExperimentContext): Promise<Measurement[]> {
  const resources = createResources()
  try {
    report('starting RabbitMQ and Redis')
    const rabbitmq = await startRealRabbitmq().catch(() => undefined)
    if (rabbitmq) resources.add(rabbitmq)
    const redis = await startRealRedis().catch(() => undefined)
    if (redis) resources.add(redis)
    if (!rabbitmq || !redis) {
      note('not measured, since RabbitMQ or Redis is not installed')
      return []
    }
    const { platform, dataDirectory, clients } = await startBenchPlatform({
      ...{ directory, people, report },
      ...{ processes: true, idleMs, modelLatencyMs },
      real: { amqpUrl: rabbitmq.url, redisUrl: redis.url },
    })
    resources.add(platform)
    const analyse = async () =>
      analyseSteadily(clients, await drawPhotos(photosOfSlice, Math.random, photoSize), everyMs)
    const { sign } = await findSignatures({ given: undefined, dataDirectory })
    report('warming up')
    await postFlood(`${platform.broker.addresses[mainBroker]}/`, 100, sign)
    await analyse()
    await endFlood(platform, rabbitmq.url)

    const pairs: { value: number[]; reference: number[] }[] = []
    for (let round = 1; round <= rounds; round += 1) {
      report(`round ${round} of ${rounds}, calm`)
      const reference = await analyse()
      report(`round ${round} of ${rounds}, flooded`)
      await postFlood(`${platform.broker.addresses[mainBroker]}/`, eventsOfFlood, sign)
      const [before, startedMs] = [await batchStats(platform), performance.now()]
      const value = await analyse()
      const after = await batchStats(platform)
      if (after.ready === 0) throw new Error('The flood ended before the analyses, expected it to last longer')
      const perSecond = ((after.delivered - before.delivered) * 1000) / (performance.now() - startedMs)
      note(
        `round ${round}: ${perSecond.toFixed(0)} batch events/s beside the analyses, ${after.ready} still waited then`,
      )
      await endFlood(platform, rabbitmq.url)
      pairs.push({ value, reference })
    }
    const at = (share: number) =>
      pairs.map(({ value, reference }) => ({ value: quantile(value, share), reference: quantile(reference, share) }))
    return [
      { name: 'flood-analysis-p50', unit: 'ms', ...compare(at(0.5)) },
      { name: 'flood-analysis-p95', unit: 'ms', ...compare(at(0.95)) },
    ]
  } finally {
    await resources.close()
  }
}

async function batchStats({ broker }: Platform) {
  const stats = (await broker.stats())['q-batch']
  if (!stats) throw new Error('The queue "batch" has no trigger')
  if (stats.dropped + stats.deadLettered > 0) throw new Error(`Batch events were not handled: ${JSON.stringify(stats)}`)
  return stats
}

/** Purges the rest of a flood, and waits for deliveries in flight. */
async function endFlood(platform: Platform, amqpUrl: string): Promise<void> {
  const connection = await connect(amqpUrl)
  const channel = await connection.createChannel()
  const deadlineMs = performance.now() + endTimeoutMs
  for (;;) {
    await channel.purgeQueue(batchQueue)
    const { ready, inFlight } = await batchStats(platform)
    if (ready + inFlight === 0) break
    if (performance.now() > deadlineMs) throw new Error(`${ready} batch events still wait`)
    await sleep(pollMs)
  }
  await connection.close()
}
