import { expect, it } from 'vitest'
import type { LeasedJob } from '../../job/leased-job.ts'
import { type IdentifyWasteDeps, identifyWaste } from './identify-waste.ts'
import type { CallPermit } from './model-calls.pg.ts'
import type { VisionOutcome } from './vision.openai.ts'

const job: LeasedJob = {
  jobId: 'a-job',
  ownerId: 'an-owner',
  state: 'processing',
  fencingToken: 1,
  contentType: 'image/jpeg',
  contentLengthBytes: 1,
  objectKey: 'a-key',
  locale: 'ko',
  location: null,
}

function arrange(permit: CallPermit, outcome: VisionOutcome, counted = true) {
  const pauses: number[] = []
  const entered: unknown[] = []
  const asked: Parameters<IdentifyWasteDeps['classifyPhoto']>[0][] = []
  const deps: IdentifyWasteDeps = {
    modelCalls: {
      begin: async () => permit,
      end: async (_, kind, usage) => void entered.push([kind, usage]),
      endFailed: async () => counted,
      recover: async () => void entered.push('recovered'),
      pause: async (seconds) => void pauses.push(seconds),
    },
    classifyPhoto: async (photo) => {
      asked.push(photo)
      return outcome
    },
    safetyIdentifierOf: () => 'a-pseudonym',
    random: () => 0,
  }
  const ended = identifyWaste(deps, { job, signal: new AbortController().signal }, new Uint8Array(1))
  return { ended, pauses, asked, entered }
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
    const { ended, pauses } = arrange(
      { kind: 'granted', callNo: 1, isProbe: false },
      { kind: 'rate_limited', retryAfterSeconds },
    )
    await expect(ended).rejects.toMatchObject({ name: 'AnalysisDelayedError', delaySeconds: seconds })
    expect(pauses).toEqual([seconds])
  },
)

it('tells the model which call for the photo it is, and not whose photo', async () => {
  const { ended, asked } = arrange({ kind: 'granted', callNo: 2, isProbe: false }, { kind: 'refused' })
  await expect(ended).rejects.toMatchObject({ reason: 'photo_refused' })
  expect(asked).toMatchObject([{ callNo: 2, safetyIdentifier: 'a-pseudonym' }])
})

it.each(['refused', 'truncated', 'malformed'] as const)(
  'enters into the ledger what an answer has cost that was %s',
  async (kind) => {
    const usage = { inputTokens: 1300, outputTokens: 500, reasoningTokens: 500, costUsd: 0.000_38 }
    const { ended, entered } = arrange({ kind: 'granted', callNo: 1, isProbe: false }, { kind, usage })
    await expect(ended).rejects.toThrow()
    expect(entered).toEqual([[kind, usage]])
  },
)

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

it('fails no job by calls that failed during an outage of the model, and waits longer each time', async () => {
  const outcome = { kind: 'unavailable', why: 'timeout' } as const
  const last = { kind: 'granted', callNo: 3, isProbe: false } as const
  await expect(arrange(last, outcome).ended).rejects.toMatchObject({ reason: 'model_unavailable' })
  const delayed = { name: 'AnalysisDelayedError', delaySeconds: 2 }
  await expect(arrange(last, outcome, false).ended).rejects.toMatchObject(delayed)
})

it.each<[VisionOutcome, boolean]>([
  [{ kind: 'refused' }, true],
  [{ kind: 'malformed' }, true],
  [{ kind: 'unavailable', why: 'timeout' }, false],
  [{ kind: 'not_permitted' }, false],
  [{ kind: 'rate_limited', retryAfterSeconds: 1 }, false],
])('a probe that ends in %j lets everybody call again: %s', async (outcome, recovers) => {
  const { ended, entered } = arrange({ kind: 'granted', callNo: 1, isProbe: true }, outcome)
  await expect(ended).rejects.toThrow()
  expect(entered.includes('recovered')).toBe(recovers)
})
