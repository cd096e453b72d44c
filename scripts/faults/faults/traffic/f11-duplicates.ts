import { type CommandRank, findEvents, publish } from '../../actions/publish-stored.ts'
import type { Fault } from '../../fault.ts'
import { atMoments } from '../../moments.ts'
import { between, shuffle } from '../../random.ts'

const copiesMax = 50
const commandsAtOnce = 12
const jobsOfOneInjection = 40
/** The newest are about to be handled, the oldest ended long ago. */
const ranks: readonly CommandRank[] = ['newest', 'oldest', 'any']

export const f11: Fault = {
  id: 'F11',
  title: 'duplicates',
  how: `stored commands are published again, 1 to ${copiesMax} copies of each of ${commandsAtOnce} at once, shuffled: new ones, those of running jobs, and those of jobs that ended long ago, and with them the commands of the steps that follow, early and late; once in ${jobsOfOneInjection} jobs`,
  boundSeconds: 30,
  run: (context) =>
    atMoments(context, Math.max(3, Math.round(context.load.jobs / jobsOfOneInjection)), async (nth) => {
      const { world, random, inject, complain } = context
      const stored = await findEvents(world, commandsAtOnce, ranks[nth % ranks.length])
      const copies = stored.flatMap((event) => Array.from({ length: between(random, 1, copiesMax) }, () => event))
      await inject(`${copies.length} duplicates`, async () => {
        const statuses = await Promise.all(shuffle(random, copies).map((event) => publish(world, event)))
        const refused = statuses.filter((status) => status !== 202)
        if (refused.length > 0) complain(`the broker answered ${refused[0]} to ${refused.length} duplicates`)
      })
    }),
  expectations: ({ checked }) =>
    checked.modelCallsPerJob > 1.02 ? [`the model was called ${checked.modelCallsPerJob.toFixed(3)} times a job`] : [],
}
