import { findEvents, type OrderRank, publish } from '../../actions/publish-stored.ts'
import type { Fault } from '../../fault.ts'
import { atMoments } from '../../moments.ts'
import { between, shuffle } from '../../random.ts'

const copiesMax = 50
const ordersAtOnce = 12
const jobsOfOneInjection = 40
/** What is about to be worked on, and what is long over. */
const ranks: readonly OrderRank[] = ['newest', 'oldest', 'any']

export const f11: Fault = {
  id: 'F11',
  title: 'duplicates',
  how: `orders that exist are published again, 1 to ${copiesMax} copies of each of ${ordersAtOnce} at once, in another order: fresh ones, running ones, and such of jobs that ended long ago, and with them the events of the steps that follow from them, early and late; once in ${jobsOfOneInjection} jobs`,
  boundSeconds: 30,
  run: (context) =>
    atMoments(context, Math.max(3, Math.round(context.load.jobs / jobsOfOneInjection)), async (nth) => {
      const { world, random, inject, complain } = context
      const stored = await findEvents(world, ordersAtOnce, ranks[nth % ranks.length])
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
