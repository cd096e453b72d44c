import { killAt } from '../../actions/kill-at.ts'
import { untilAnswers } from '../../actions/until-answers.ts'
import type { Fault } from '../../fault.ts'
import { atMoments } from '../../moments.ts'

const kills = 8
const outageOfPostgres = 4

export const f04: Fault = {
  id: 'F4',
  title: 'dispatcher killed, also between acknowledgement and dead letter',
  how: `kill -9 of the process with ingress and dispatchers, ${kills - 1} times at any moment, and once after it has acknowledged a command that failed for good and before it has published the dead letter; for that, PostgreSQL is cut off until the redeliveries of the command are exhausted`,
  boundSeconds: 120,
  run: (context) => {
    const { world, inject } = context
    return atMoments(context, kills, async (nth) => {
      if (nth !== outageOfPostgres) {
        await inject('kill of the dispatcher', async () => {
          await world.broker.kill()
          await untilAnswers(world.brokerUrl)
        })
        return
      }
      world.network.postgres.cut()
      try {
        await killAt(context, 'dispatcher-before-dead-letter')
      } finally {
        world.network.postgres.recover()
      }
      await untilAnswers(world.brokerUrl)
    })
  },
}
