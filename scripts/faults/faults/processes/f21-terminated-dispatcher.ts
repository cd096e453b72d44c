import { pause } from '../../../lib/pause.ts'
import { untilAnswers } from '../../actions/until-answers.ts'
import type { Fault } from '../../fault.ts'
import { atMoments } from '../../moments.ts'

const rounds = 10
/** From SIGTERM to SIGKILL when there is no grace: less than a shutdown takes, so that each of its steps is cut off in some run. */
const graceMsMax = 20

/** How many events of analyses are dead letters with -1: cancelled by their dispatcher. */
const countCancelled = `
  select count(*)::int as dead_letters, count(*) filter (where job.state = 'completed')::int as of_completed
  from events.dead_letters dead_letter
  left join waste.jobs job on job.job_id::text = dead_letter.headers ->> 'ce-subject'
  where dead_letter.headers ->> 'ce-knativeerrorcode' = '-1'`

export const f21: Fault = {
  id: 'F21',
  title: 'dispatchers terminated, with and without grace',
  how: `every dispatcher is terminated ${rounds} times at any moment, as by a roll-out or the drain of a node: requests under way are cancelled, acknowledged and dead-lettered with -1, one dead letter of five is lost with the connection, and successors take over; every other time the process is killed up to ${graceMsMax} ms after SIGTERM`,
  boundSeconds: 120,
  // Deliveries are then in flight at every moment.
  world: { modelLatencyMs: 500 },
  run: async (context) => {
    const { world, inject, random } = context
    await atMoments(context, rounds, async (nth) => {
      await inject(nth % 2 === 0 ? 'end of the dispatchers' : 'end of the dispatchers without grace', async () => {
        const ended = world.broker.rollDispatchers()
        if (nth % 2 === 0) return ended
        ended.catch(() => undefined)
        await pause(Math.round(random() * graceMsMax))
        await world.broker.kill()
        await untilAnswers(world.brokerUrl)
      })
    })
  },
  expectations: async (_outcome, { world, note }) => {
    const [cancelled] = await world.query<{ dead_letters: number; of_completed: number }>(countCancelled)
    note(
      `${cancelled?.dead_letters} events were dead-lettered by terminated dispatchers, ${cancelled?.of_completed} of jobs that completed`,
    )
    return cancelled?.dead_letters ? [] : ['no dispatcher had an event in flight when it was terminated']
  },
}
