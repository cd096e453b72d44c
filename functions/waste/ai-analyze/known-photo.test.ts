import { describe, expect, it, vi } from 'vitest'
import type { KnownAnswer } from '../analysis/cache/choose-known-answer.ts'
import type { PreparedImage } from '../analysis/image/prepare-image.ts'
import type { AnalysisRun } from '../analysis/lease/analysis-run.ts'
import type { UsePhoto } from '../analysis/photo/read-photo.ts'
import { sanitizePhoto } from '../analysis/photo/sanitize-photo.ts'
import type { LeasedJob } from '../job/leased-job.ts'
import { findAnswer } from './answer-job.ts'

const job: LeasedJob = {
  jobId: 'a-job',
  ownerId: 'an-owner',
  state: 'processing',
  fencingToken: 1,
  contentType: 'image/jpeg',
  contentLengthBytes: 3,
  objectKey: 'uploads/an-owner/a-job',
  locale: 'ko',
  location: null,
}
const answer: KnownAnswer = {
  model: 'a-model',
  classification: {
    is_waste: true,
    item_name_ko: '캔',
    item_name_en: 'can',
    category: 'CAN',
    confidence: 0.9,
    conditions: [],
  },
}
const prepared: PreparedImage = {
  kind: 'prepared',
  jpeg: Buffer.from('small'),
  width: 1,
  height: 1,
  perceptualHash: null,
  colourGrid: '',
}
const report = () => undefined
const runOf = (signal: AbortSignal): AnalysisRun => ({ job, event: {} as never, report, signal })
const bytes = Uint8Array.from([1, 2, 3])
const usePhoto: UsePhoto = (_job, work) => work(bytes)

describe('findAnswer', () => {
  const arrange = (known: { exact?: KnownAnswer; similar?: KnownAnswer }) => ({
    usePhoto,
    cache: {
      findExact: vi.fn(async () => known.exact),
      findSimilar: vi.fn(async () => known.similar),
      remember: vi.fn(async () => undefined),
    },
    prepareImage: vi.fn(async () => prepared),
    identifyWaste: vi.fn(async () => ({ ...answer, usage: undefined })),
  })
  const ask = (deps: ReturnType<typeof arrange>, signal = new AbortController().signal) =>
    findAnswer(deps, runOf(signal))

  it('neither decodes nor calls the model for bytes that are known', async () => {
    const deps = arrange({ exact: answer })
    expect(await ask(deps)).toMatchObject({ answeredBy: 'exact_match', answer, modelCall: undefined })
    expect(deps.prepareImage).not.toHaveBeenCalled()
    expect(deps.identifyWaste).not.toHaveBeenCalled()
  })

  it('does not call the model for a photo that is similar to a known one, and caches nothing for it', async () => {
    const deps = arrange({ similar: answer })
    expect(await ask(deps)).toMatchObject({ answeredBy: 'perceptual_match', answer, modelCall: undefined })
    expect(deps.identifyWaste).not.toHaveBeenCalled()
    expect(deps.cache.findSimilar).toHaveBeenCalledExactlyOnceWith(prepared, job.ownerId)
    expect(deps.cache.remember).not.toHaveBeenCalled()
  })

  it('sends the model what was prepared, never the original', async () => {
    const deps = arrange({})
    await ask(deps)
    expect(deps.identifyWaste).toHaveBeenCalledExactlyOnceWith(runOf(expect.any(AbortSignal)), prepared.jpeg)
  })

  it('does not call the model for a lease that is lost', async () => {
    const deps = arrange({})
    await expect(ask(deps, AbortSignal.abort(new Error('lost')))).rejects.toThrow('lost')
    expect(deps.identifyWaste).not.toHaveBeenCalled()
  })
})

describe('sanitizePhoto', () => {
  function arrange(state: { exists: boolean; referred: boolean; readable: boolean }) {
    const removed: string[] = []
    const written: string[] = []
    const deps = {
      usePhoto,
      prepareImage: vi.fn(async () =>
        state.readable ? prepared : ({ kind: 'rejected', reason: 'type_mismatch' } as const),
      ),
      objects: {
        exists: async () => state.exists,
        write: async (key: string) => void written.push(key),
        remove: async (key: string) => void removed.push(key),
      },
      recordPhoto: vi.fn(async () => state.referred),
    }
    return { deps, removed, written }
  }
  const sanitize = (deps: ReturnType<typeof arrange>['deps'], own: PreparedImage | undefined) =>
    sanitizePhoto(deps, job, { photo: { sha256: 'abc', prepared: own } })
  const key = 'photos/an-owner/abc.jpg'

  it('does not decode a photo that is kept already', async () => {
    const { deps, removed, written } = arrange({ exists: true, referred: true, readable: true })
    await sanitize(deps, undefined)
    expect(deps.prepareImage).not.toHaveBeenCalled()
    expect([written, removed]).toEqual([[], [job.objectKey]])
  })

  it('keeps for this person what another had analysed first', async () => {
    const { deps, removed, written } = arrange({ exists: false, referred: true, readable: true })
    await sanitize(deps, undefined)
    expect([written, removed]).toEqual([[key], [job.objectKey]])
    expect(deps.recordPhoto).toHaveBeenCalledExactlyOnceWith(job.jobId, key)
  })

  it('notes no photo that could not be kept', async () => {
    const { deps, removed, written } = arrange({ exists: false, referred: true, readable: false })
    await sanitize(deps, undefined)
    expect(deps.recordPhoto).not.toHaveBeenCalled()
    expect([written, removed]).toEqual([[], [job.objectKey]])
  })

  it('removes what no result refers to any more', async () => {
    const { deps, removed } = arrange({ exists: false, referred: false, readable: true })
    await sanitize(deps, prepared)
    expect(removed).toEqual([key, job.objectKey])
  })
})
