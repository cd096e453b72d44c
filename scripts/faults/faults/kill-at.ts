import { until } from '../../local/e2e/until.ts'
import type { FailpointName } from '../failpoints/rules.ts'
import type { FaultContext } from '../fault.ts'

const reachedWithinMs = 30_000

/** Has the next process that comes to this step die there, and waits until it has. */
export async function killAt({ world, injure, complain, load }: FaultContext, name: FailpointName): Promise<void> {
  const before = (await world.failpoints.fired()).length
  await world.failpoints.arm(name)
  await injure(`kill at ${name}`, async () => {
    await until(
      `The step ${name}`,
      async () => load.isOver() || (await world.failpoints.fired()).length > before,
      reachedWithinMs,
    ).catch((error: Error) => complain(error.message))
  })
}
