import { until } from '../../../lib/until.ts'
import { isAlive } from '../../actions/roll.ts'
import type { Fault } from '../../fault.ts'
import { atMoments } from '../../moments.ts'
import { workerNames } from '../../world/analysis.ts'

const otherFunctions = ['waste-presign', 'waste-upload-complete', 'waste-status', 'events-relay'] as const
const rounds = 4

export const f15: Fault = {
  id: 'F15',
  title: 'functions terminated under load',
  how: `SIGTERM to every process of ${otherFunctions.join(', ')} and each function of the analysis, one function after the other, ${rounds} rounds in every seed, as a rolling deployment does; new processes take over`,
  boundSeconds: 30,
  run: (context) => {
    const { world, inject, complain } = context
    const functions = [...otherFunctions, ...workerNames(world.analysis)]
    return atMoments(context, functions.length * rounds, async (nth) => {
      const name = functions[nth % functions.length] ?? 'waste-status'
      await inject(`SIGTERM to ${name}`, async () => {
        const processIds = await world.functions.signal(name, 'SIGTERM')
        await until(`The end of ${name}`, () => !processIds.some(isAlive), 30_000).catch((error: Error) =>
          complain(error.message),
        )
      })
    })
  },
  expectations: ({ entries }) => {
    const failed = entries.filter(({ kind, type }) => kind !== 'follow' && (type === 'info' || type === 'fail'))
    const [first] = failed
    return first ? [`${failed.length} requests failed, the first with ${first.status} ${first.reason}`] : []
  },
}
