import { createResources } from '../../../functions/_lib/process/resources.ts'
import { type ImagePreparer, openImagePreparer } from '../../../functions/waste/analysis/image/open-image-preparer.ts'
import type { Experiment, ExperimentContext, Measurement } from '../measurement.ts'
import { startBenchPlatform } from '../start-bench-platform.ts'
import { compare, median, quantile } from '../statistics.ts'
import { type AnalysedPhoto, analysePhoto, type GrowbinClient } from './analyse-photo.ts'
import { type DrawnPhoto, drawPhotos } from './draw-photos.ts'
import { followStages } from './follow-stages.ts'

const people = 8
const rounds = 6
const photosOfPerson = 3
/** Photos sent one at a time, for the latencies. */
const singles = 25

/** Measures photos of several people from upload to answer, on the embedded platform in this process. */
export function createAnalyses(): Experiment {
  return {
    names: ['analyses-throughput', 'exact-hit-latency-p50', 'exact-hit-latency-p95'],
    about:
      `analyses: ${people} people at once, distinct photos of two megapixels, model simulated in 0 ms, all parts but PostgreSQL ` +
      'in one process. Reference: prepareImage alone on the same photos. exact-hit: from upload-complete to the result ' +
      'in the progress stream for a photo that was there before. Reference: the first time of the same photo.',
    run: measure,
  }
}

async function measure({ directory, report, note }: ExperimentContext): Promise<Measurement[]> {
  const resources = createResources()
  try {
    report('drawing photos')
    const perRound = people * photosOfPerson
    const photos = await drawPhotos((rounds + 1) * perRound + singles, Math.random)
    const { platform, clients } = await startBenchPlatform({
      ...{ directory, people, report },
      ...{ processes: false, real: {}, modelLatencyMs: 0 },
    })
    resources.add(platform)
    report('analyses, warming up')
    await analyseAll(clients, photos.splice(0, perRound))
    const preparer = resources.add(openImagePreparer())
    const stages = resources.add(await followStages(platform.services.redisUrl))
    const pairs: { value: number; reference: number }[] = []
    const analysed: AnalysedPhoto[] = []
    for (let round = 0; round < rounds; round += 1) {
      report(`analyses, round ${round + 1} of ${rounds}`)
      const these = photos.splice(0, perRound)
      const reference = await perSecond(these.length, () => prepareAll(preparer, these))
      const value = await perSecond(these.length, async () => analysed.push(...(await analyseAll(clients, these))))
      pairs.push({ value, reference })
    }
    const durations = stages.durations()
    note(`analyses by stage, ${people} at once, median and 95th percentile in ms:`)
    note(
      describe(
        'upload',
        analysed.map(({ uploadMs }) => uploadMs),
      ),
    )
    for (const [stage, values] of durations) note(describe(stage, values))
    note(
      describe(
        'result',
        analysed.map(({ resultMs }) => resultMs),
      ),
    )

    report('exact hits')
    const hits = await measureHits(clients[0] as GrowbinClient, photos)
    return [
      { name: 'analyses-throughput', unit: 'analyses/s', ...compare(pairs) },
      { name: 'exact-hit-latency-p50', unit: 'ms', ...compare(hits) },
      {
        name: 'exact-hit-latency-p95',
        unit: 'ms',
        // A single ratio of two quantiles has no spread.
        ...compare([{ value: p95(hits.map(({ value }) => value)), reference: p95(hits.map((hit) => hit.reference)) }]),
      },
    ]
  } finally {
    await resources.close()
  }
}

const p95 = (values: readonly number[]): number => quantile(values, 0.95)

async function perSecond(count: number, work: () => Promise<unknown>): Promise<number> {
  const startedMs = performance.now()
  await work()
  return (count * 1000) / (performance.now() - startedMs)
}

/** Lets every person send a share of the photos, one after the other. Throws when a photo was already known. */
async function analyseAll(clients: readonly GrowbinClient[], photos: readonly DrawnPhoto[]): Promise<AnalysedPhoto[]> {
  const analysed = await inTurns(clients, photos, analysePhoto)
  const known = analysed.find(({ answeredBy }) => answeredBy !== 'model')
  if (known) throw new Error(`A new photo was answered by "${known.answeredBy}", expected "model"`)
  return analysed
}

async function prepareAll({ prepareImage }: ImagePreparer, photos: readonly DrawnPhoto[]): Promise<void> {
  await inTurns(Array.from({ length: people }), photos, async (_, { bytes, contentType }) => {
    const { kind } = await prepareImage(bytes, contentType)
    if (kind !== 'prepared') throw new Error('A drawn photo was rejected')
  })
}

/** Runs the workers, each of which takes the next item until none is left. */
async function inTurns<Worker, Item, Made>(
  workers: readonly Worker[],
  items: readonly Item[],
  work: (worker: Worker, item: Item) => Promise<Made>,
): Promise<Made[]> {
  const waiting = items.values()
  const made: Made[] = []
  await Promise.all(
    workers.map(async (worker) => {
      for (const item of waiting) made.push(await work(worker, item))
    }),
  )
  return made
}

async function measureHits(client: GrowbinClient, photos: readonly DrawnPhoto[]) {
  const hits: { value: number; reference: number }[] = []
  for (const photo of photos) {
    const first = await analysePhoto(client, photo)
    const again = await analysePhoto(client, photo)
    if (again.answeredBy !== 'exact_match') throw new Error(`A known photo was answered by "${again.answeredBy}"`)
    hits.push({ value: again.resultMs, reference: first.resultMs })
  }
  return hits
}

const describe = (stage: string, values: readonly number[]): string =>
  `${stage.padEnd(10)} ${median(values).toFixed(1).padStart(8)} ${quantile(values, 0.95).toFixed(1).padStart(8)}`
