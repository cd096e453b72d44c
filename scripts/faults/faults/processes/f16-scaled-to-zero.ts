import { quantile } from '../../../bench/statistics.ts'
import { until } from '../../../lib/until.ts'
import type { Fault } from '../../fault.ts'
import { atMoments } from '../../moments.ts'
import { workerNames } from '../../world/analysis.ts'

const apiFunctions = ['waste-presign', 'waste-upload-complete', 'waste-status'] as const
const idleMs = 1_500
const times = 6

export const f16: Fault = {
  id: 'F16',
  title: 'scaled to zero and back',
  how: `no client sends anything until no process of the analysis is left (idle after ${idleMs / 1000} s instead of 30), and then 32 people send at once; ${times} times in every seed`,
  boundSeconds: 15,
  world: { idleMs },
  run: (context) => {
    const { world, load, inject, complain } = context
    const functions = [...apiFunctions, ...workerNames(world.analysis)]
    const running = async () => {
      const instances = await world.functions.instances()
      return functions.flatMap((name) => instances.get(name) ?? []).length
    }
    return atMoments(context, times, async () => {
      await inject('no process left', async () => {
        await load.hold()
        await until('The end of every process', async () => (await running()) === 0, 60_000).catch((error: Error) =>
          complain(error.message),
        )
      })
      load.release()
    })
  },
  expectations: ({ entries, injections }, { note }) => {
    // The first request of each person after the pause waits for a process to start.
    const first = injections.flatMap(({ recoveredAtMs }) =>
      entries
        .filter(({ kind, type, atMs }) => kind === 'open' && type === 'ok' && atMs > recoveredAtMs)
        .slice(0, 32)
        .map(({ tookMs }) => tookMs ?? 0),
    )
    if (first.length > 0) note(`the first answer after zero took ${Math.round(quantile(first, 0.95))} ms (p95)`)
    const failed = entries.filter(({ kind, type }) => kind !== 'follow' && (type === 'info' || type === 'fail'))
    return failed.length > 0 ? [`${failed.length} requests failed, the first with ${failed[0]?.reason}`] : []
  },
}
