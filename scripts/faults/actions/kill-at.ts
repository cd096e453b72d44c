import { until } from '../../lib/until.ts'
import type { FailpointName } from '../failpoints/rules.ts'
import type { FaultContext } from '../fault.ts'

/** A command exhausts its redeliveries after some 40 s without PostgreSQL. */
const reachedWithinMs = 90_000

/** Kills the next process that reaches this step, and waits until it is dead. Calls `then` once the failpoint is armed. */
export async function killAt(
  { world, inject, complain, load }: FaultContext,
  name: FailpointName,
  then: () => Promise<void> = async () => undefined,
): Promise<void> {
  const before = (await world.failpoints.fired()).length
  await world.failpoints.arm(name)
  await inject(`kill at ${name}`, async () => {
    await then()
    const reached = until(
      `The step ${name}`,
      async () => load.isOver() || (await world.failpoints.fired()).length > before,
      reachedWithinMs,
    )
    await reached.catch((error: Error) => complain(error.message))
  })
}
