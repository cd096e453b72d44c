import { pause } from '../../../lib/pause.ts'
import { killAt } from '../../actions/kill-at.ts'
import type { Fault } from '../../fault.ts'
import { atMoments } from '../../moments.ts'

const outageMs = 6_000
const jobsOfOneKill = 150

export const f03: Fault = {
  id: 'F3',
  title: 'relay killed in the middle of a batch',
  how: `the broker is unavailable for ${outageMs / 1000} s, so that commands accumulate in the outbox; when it is available again, events-relay is killed while the first batch is in flight and none of it is marked as sent; once in ${jobsOfOneKill} jobs`,
  // The rows that the killed relay had locked are free at once; they wait for the next tick, and for the back-off of up to 4 s.
  boundSeconds: 5,
  run: (context) =>
    atMoments(context, Math.max(1, Math.round(context.load.jobs / jobsOfOneKill)), async () => {
      const { world } = context
      await world.broker.hold()
      await pause(outageMs)
      await killAt(context, 'relay-mid-batch', world.broker.release)
    }),
  expectations: async ({ injections }, { world }) => {
    const fired = (await world.failpoints.fired()).filter(({ name }) => name === 'relay-mid-batch')
    return fired.length < injections.length
      ? [`${injections.length} kills were intended, and ${fired.length} happened`]
      : []
  },
}
