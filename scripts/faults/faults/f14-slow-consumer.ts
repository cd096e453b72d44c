import { quantile } from '../../bench/statistics.ts'
import type { Fault } from '../fault.ts'
import { atMoments } from '../moments.ts'
import { pause } from '../pause.ts'

const people = 100
const ordinaryLatencyMs = 150
const slowLatencyMs = 10_000
const slowForMs = 30_000
const times = 2

export const f14: Fault = {
  id: 'F14',
  title: 'slow consumer and a burst',
  how: `${people} people at once instead of 32, while the model takes ${slowLatencyMs / 1000} s instead of ${ordinaryLatencyMs} ms for ${slowForMs / 1000} s, ${times} times in every seed: ten times more comes in than goes out`,
  boundSeconds: 60,
  people,
  inject: (context) =>
    atMoments(context, times, async () => {
      const { world, injure } = context
      await injure('slow model', async () => {
        world.model.set({ latencyMs: slowLatencyMs })
        await pause(slowForMs)
        world.model.set({ latencyMs: ordinaryLatencyMs })
      })
    }),
  expectations: ({ entries, effects }, { note }) => {
    const acceptMs = entries.filter(({ kind, type }) => kind === 'complete' && type === 'ok').map((e) => e.tookMs ?? 0)
    note(`an upload was accepted within ${Math.round(quantile(acceptMs, 0.99))} ms for 99 of 100`)
    const redelivered = effects.jobs.filter(({ leases, redrives }) => leases > 1 && redrives === 0).length
    return redelivered > 0 ? [`${redelivered} jobs were taken twice, without a redrive`] : []
  },
}
