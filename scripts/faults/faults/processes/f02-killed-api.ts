import { killAt } from '../../actions/kill-at.ts'
import type { FailpointName } from '../../failpoints/rules.ts'
import type { Fault } from '../../fault.ts'
import { atMoments } from '../../moments.ts'

const steps: readonly FailpointName[] = ['upload-complete-before-reply', 'presign-before-reply']
const jobsOfOneKill = 40
const answeredWithinMs = 5_000

export const f02: Fault = {
  id: 'F2',
  title: 'API killed between commit and reply',
  how: `kill -9 of waste-upload-complete and of waste-presign just before the answer is written, in turn, once in ${jobsOfOneKill} jobs; clients retry, for the same job where they know it`,
  // A command that was committed and not published waits for the relay: 2 s of grace, a tick of a second.
  boundSeconds: 5,
  run: (context) =>
    atMoments(context, Math.max(steps.length, Math.round(context.load.jobs / jobsOfOneKill)), (nth) =>
      killAt(context, steps[nth % steps.length] ?? 'presign-before-reply'),
    ),
  expectations: ({ entries, injections }) => {
    const cut = entries.filter(({ kind, type }) => (kind === 'open' || kind === 'complete') && type === 'info')
    const late = cut.filter(({ kind, jobId, atMs }) => {
      const answer = entries.find(
        (entry) => entry.jobId === jobId && entry.kind === kind && entry.type === 'ok' && entry.atMs >= atMs,
      )
      return kind === 'complete' && (answer === undefined || answer.atMs - atMs > answeredWithinMs)
    })
    const missed = `${injections.length} answers were cut off, and clients missed ${cut.length}`
    return [
      ...(cut.length < injections.length ? [missed] : []),
      ...(late.length > 0
        ? [`${late.length} clients had no answer ${answeredWithinMs} ms after the first one was cut off`]
        : []),
    ]
  },
}
