import type { AnalysisCache } from '../cache/analysis-cache.redis.ts'
import type { PhotoFingerprint } from '../image/hash/is-same-photo.ts'
import type { AnalysisRun } from '../lease/analysis-run.ts'
import type { FoundAnswer } from '../photo/look-up-photo.ts'
import type { Identified } from './identify-waste.ts'

export type AskModelDeps = {
  cache: Pick<AnalysisCache, 'remember'>
  identifyWaste: (run: AnalysisRun, jpeg: Uint8Array) => Promise<Identified>
}

export type NewPhoto = { sha256: string; fingerprint: PhotoFingerprint; jpeg: Uint8Array }

/** The call that produced an answer. The transaction that saves the answer closes its ledger entry. */
export type ModelCall = { usage: Identified['usage'] }

/** Asks the model about a photo that the cache does not know. */
export async function askModel(
  deps: AskModelDeps,
  run: AnalysisRun,
  { sha256, fingerprint, jpeg }: NewPhoto,
): Promise<FoundAnswer & { modelCall: ModelCall }> {
  run.report('vision')
  run.signal.throwIfAborted()
  const { classification, model, usage } = await deps.identifyWaste(run, jpeg)
  const answer = { classification, model }
  await deps.cache.remember({ sha256, fingerprint, ownerId: run.job.ownerId }, answer)
  return { answer, answeredBy: 'model', modelCall: { usage } }
}
