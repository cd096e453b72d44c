import type { Stage } from '../../job/job.ts'
import type { LeasedJob } from '../../job/leased-job.ts'
import type { AnalysisCache } from '../cache/analysis-cache.redis.ts'
import type { PhotoPrint } from '../image/hash/is-same-photo.ts'
import type { FoundAnswer } from '../photo/look-up-photo.ts'
import type { Identified } from './identify-waste.ts'

export type AskModelDeps = {
  cache: Pick<AnalysisCache, 'remember'>
  identifyWaste: (job: LeasedJob, jpeg: Uint8Array, signal: AbortSignal) => Promise<Identified>
}

export type NewPhoto = { sha256: string; print: PhotoPrint; jpeg: Uint8Array }

/** The call that was paid for an answer; its ledger entry is closed by whoever saves what was found. */
export type ModelCall = { usage: Identified['usage'] }

/** What the model says of a photo that nobody has sent before. */
export async function askModel(
  deps: AskModelDeps,
  job: LeasedJob,
  { sha256, print, jpeg }: NewPhoto,
  report: (stage: Stage) => void,
  signal: AbortSignal,
): Promise<FoundAnswer & { modelCall: ModelCall }> {
  report('vision')
  signal.throwIfAborted()
  const { classification, model, usage } = await deps.identifyWaste(job, jpeg, signal)
  const answer = { classification, model }
  await deps.cache.remember({ sha256, print, ownerId: job.ownerId }, answer)
  return { answer, answeredBy: 'model', modelCall: { usage } }
}
