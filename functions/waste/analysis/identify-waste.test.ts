import { expect, it } from 'vitest'
import type { LeasedJob } from './analysis.ts'
import { type IdentifyWasteDeps, identifyWaste } from './identify-waste.ts'
import type { CallPermit } from './model-calls.pg.ts'
import type { VisionOutcome } from './vision.openai.ts'

const job: LeasedJob = {
  jobId: 'a-job',
  ownerId: 'an-owner',
  state: 'processing',
  leaseNo: 1,
  contentType: 'image/jpeg',
  contentLengthBytes: 1,
  objectKey: 'a-key',
  locale: 'ko',
  location: null,
}

function arrange(permit: CallPermit, outcome: VisionOutcome) {
  const pauses: number[] = []
  const asked: Parameters<IdentifyWasteDeps['lookAtPhoto']>[0][] = []
  const deps: IdentifyWasteDeps = {
    modelCalls: {
      begin: async () => permit,
      end: async () => undefined,
      endFailed: async () => undefined,
      pause: async (seconds) => void pauses.push(seconds),
    },
    lookAtPhoto: async (photo) => {
      asked.push(photo)
      return outcome
    },
    safetyIdentifierOf: () => 'a-pseudonym',
    random: () => 0,
  }
  const ended = identifyWaste(deps, job, new Uint8Array(1), new AbortController().signal)
  return { ended, pauses, asked }
}

it.each([
  [0, 1],
  [-5, 1],
  [0.2, 1],
  [9, 9],
  [86_400, 60],
])(
  'a provider that asks for %d s gets a pause of %d s: none would let one job spend the budget',
  async (retryAfterSeconds, seconds) => {
    const { ended, pauses } = arrange({ kind: 'granted', callNo: 1 }, { kind: 'rate_limited', retryAfterSeconds })
    await expect(ended).rejects.toMatchObject({ name: 'AnalysisDelayedError', delaySeconds: seconds })
    expect(pauses).toEqual([seconds])
  },
)

it.each([
  [1, 500],
  [2, 1000],
  [3, 1500],
])('gives call %d room for %d tokens', async (callNo, outputTokensMax) => {
  const { ended, asked } = arrange({ kind: 'granted', callNo }, { kind: 'refused' })
  await expect(ended).rejects.toMatchObject({ reason: 'photo_refused' })
  expect(asked).toMatchObject([{ outputTokensMax, safetyIdentifier: 'a-pseudonym' }])
})

it.each([
  [{ kind: 'day_full' }, { name: 'AnalysisFailedError', reason: 'budget_exhausted' }],
  [{ kind: 'calls_used_up' }, { name: 'AnalysisFailedError', reason: 'model_unavailable' }],
  [{ kind: 'lease_lost' }, { name: 'LeaseLostError' }],
  [
    { kind: 'minute_full', delaySeconds: 12 },
    { name: 'AnalysisDelayedError', delaySeconds: 12 },
  ],
  [
    { kind: 'paused', delaySeconds: 3 },
    { name: 'AnalysisDelayedError', delaySeconds: 3 },
  ],
] satisfies [CallPermit, object][])('does not call the model when the permit says %j', async (permit, error) => {
  const { ended, asked } = arrange(permit, { kind: 'refused' })
  await expect(ended).rejects.toMatchObject(error)
  expect(asked).toEqual([])
})
