import { pause } from '../../../lib/pause.ts'
import type { Fault as StoreFault } from '../../../local/s3-store/faults.ts'
import type { Fault } from '../../fault.ts'
import { atMoments } from '../../moments.ts'

const lastsMs = 8_000
const waysOfFailing: readonly { what: string; fault: StoreFault }[] = [
  { what: '500 for a fifth', fault: { status: 500, rate: 0.2 } },
  { what: '503 for a fifth', fault: { status: 503, rate: 0.2 } },
  { what: 'two seconds late', fault: { delayMs: 2_000 } },
  { what: '403 for everything', fault: { status: 403 } },
  { what: 'objects missing', fault: { status: 404, rate: 0.3, operations: ['GetObject'] } },
  { what: '503 for everything', fault: { status: 503 } },
]

export const f09: Fault = {
  id: 'F9',
  title: 'S3 fails, is slow, refuses, or has lost objects',
  how: `for ${lastsMs / 1000} s each: 500 and 503 for a fifth of all requests, 2 s more for each, 403 for all, three tenths of the photos missing, 503 for all; then the network is cut as long; each once in every seed`,
  boundSeconds: 60,
  excusedFailures: ['upload_missing'],
  run: (context) => {
    const { world, inject } = context
    return atMoments(context, waysOfFailing.length + 1, async (nth) => {
      const way = waysOfFailing[nth]
      await inject(`S3: ${way?.what ?? 'network cut'}`, async () => {
        if (way) world.store.faults.set(way.fault)
        else world.network.s3.cut()
        await pause(lastsMs)
        world.store.faults.clear()
        world.network.s3.recover()
      })
    })
  },
  expectations: ({ effects }) => {
    const missing = new Set(
      effects.jobs.filter(({ failureReason }) => failureReason === 'upload_missing').map(({ jobId }) => jobId),
    )
    const answered = effects.modelCalls.filter(({ jobId, outcome }) => missing.has(jobId) && outcome === 'answered')
    return answered.length > 0 ? [`the model was called for ${answered.length} photos that do not exist`] : []
  },
}
