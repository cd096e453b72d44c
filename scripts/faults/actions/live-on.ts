import { until } from '../../lib/until.ts'
import type { FaultContext } from '../fault.ts'
import type { World } from '../world/world.ts'
import { isAlive } from './roll.ts'

/** Ids of the processes of each function, and of `broker`. */
export type Processes = ReadonlyMap<string, readonly number[]>

/** Functions that every analysis needs: a process of each runs and gets requests all the time. */
const alwaysInUse = ['waste-presign', 'waste-upload-complete', 'waste-status'] as const
/** A process that receives SIGTERM drains its requests first. */
const drainedWithinMs = 15_000
const startsWithinMs = 30_000

/**
 * Complains of every process of another function that is gone when `work` is done: a fault in one process must not reach
 * another. Only for a world in which no process is stopped for idleness; new processes may start.
 */
export async function othersMustLiveOn(
  { world, complain }: FaultContext,
  affected: string,
  work: () => Promise<void>,
  hasEnded: (processId: number) => Promise<boolean> = endsSoon,
): Promise<void> {
  for (const name of alwaysInUse) {
    const runs = async () => (await world.functions.instancesOf(name)).length > 0
    await until(`A process of ${name}, which might fail too`, runs, startsWithinMs)
  }
  const before = await findProcesses(world)
  await work()
  for (const { name, processId } of findVanished(before, await findProcesses(world), affected)) {
    // A broken connection takes a process out of the list, though it may still run.
    if (await hasEnded(processId))
      complain(`the process ${processId} of ${name} ended when only ${affected} was affected`)
  }
}

const endsSoon = (processId: number): Promise<boolean> =>
  until('The end of a process', () => !isAlive(processId), drainedWithinMs).catch(() => false)

async function findProcesses({ functions, broker }: World): Promise<Processes> {
  const [instances, brokerProcessId] = await Promise.all([functions.instances(), broker.processId()])
  const processes = [...instances].map(
    ([name, running]) => [name, running.map(({ processId }) => Number(processId))] as const,
  )
  return new Map([...processes, ['broker', brokerProcessId === undefined ? [] : [brokerProcessId]]])
}

/** Processes of all functions but the affected one that ran before and no longer run. */
export function findVanished(
  before: Processes,
  after: Processes,
  affected: string,
): { name: string; processId: number }[] {
  return [...before].flatMap(([name, processIds]) =>
    name === affected
      ? []
      : processIds
          .filter((processId) => !after.get(name)?.includes(processId))
          .map((processId) => ({ name, processId })),
  )
}
