import { pause } from '../../../lib/pause.ts'
import type { ModelFault } from '../../../local/simulators/model/faults.ts'
import type { Fault } from '../../fault.ts'
import { atMoments } from '../../moments.ts'

const lastsMs = 5_000
const callsMax = 3
const waysOfFailing: readonly (readonly [ModelFault, number])[] = [
  ['rate_limited_with_retry_after', 0.3],
  ['rate_limited', 0.2],
  ['server_error', 0.3],
  ['hang', 0.1],
  ['reset', 0.3],
  ['truncated_json', 0.3],
  ['schema_breaking', 0.3],
  ['refusal', 0.1],
  ['overloaded', 1],
]

export const f10: Fault = {
  id: 'F10',
  title: 'model refuses, fails, hangs or answers nonsense',
  how: `for ${lastsMs / 1000} s each, for a share of the calls: 429 with and without Retry-After, 500, no answer (the worker gives up after 25 s), a reset in the body, truncated JSON, another schema, a refusal, and 503 for all; each once in every seed`,
  boundSeconds: 60,
  excusedFailures: ['model_unavailable', 'model_answer_unusable', 'photo_refused'],
  run: (context) => {
    const { world, inject } = context
    return atMoments(context, waysOfFailing.length, async (nth) => {
      const [fault, share] = waysOfFailing[nth] ?? ['server_error', 0.3]
      await inject(`model: ${fault} for ${share}`, async () => {
        world.model.set({ rates: { [fault]: share } })
        await pause(lastsMs)
        world.model.set({ rates: {} })
      })
    })
  },
  expectations: ({ effects }) => {
    const turnedAway = new Set<string | null>(['rate_limited', 'not_permitted'])
    const counts = new Map<string, number>()
    for (const { jobId, outcome } of effects.modelCalls) {
      if (!turnedAway.has(outcome)) counts.set(jobId, (counts.get(jobId) ?? 0) + 1)
    }
    const over = [...counts.values()].filter((count) => count > callsMax).length
    return over > 0 ? [`${over} jobs had more than ${callsMax} calls of the model`] : []
  },
}
