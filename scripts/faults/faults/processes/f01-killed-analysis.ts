import { killAt } from '../../actions/kill-at.ts'
import type { Fault } from '../../fault.ts'
import { atMoments } from '../../moments.ts'

/** A kill interrupts up to fifty jobs; rare enough that few jobs meet three kills, after each of which a job waits twice as long. */
const jobsOfOneKill = 100

export const f01: Fault = {
  id: 'F1',
  title: 'worker killed at each step',
  how: `kill -9 of each function of the analysis before it claims a job, before and during the call of the model, before and after its commit, and before its answer with the command of the next step; in turn, once in ${jobsOfOneKill} jobs and each once at least, with up to fifty jobs at once in the process`,
  boundSeconds: 90,
  // A job that meets a kill in each of its three calls has used up its calls.
  excusedFailures: ['model_unavailable'],
  run: (context) => {
    const { steps } = context.world.analysis
    return atMoments(context, Math.max(steps.length, Math.round(context.load.jobs / jobsOfOneKill)), (nth) =>
      killAt(context, steps[nth % steps.length] ?? 'analyze-before-model'),
    )
  },
  expectations: ({ checked }) => {
    const failed = Object.values(checked.failed).reduce((sum, count) => sum + count, 0)
    return failed > checked.accepted / 50 ? [`${failed} jobs used up their calls of the model`] : []
  },
}
