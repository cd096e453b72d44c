import { until } from '../../local/e2e/until.ts'
import type { FaultContext } from '../fault.ts'

const endedWithinMs = 30_000

/** SIGTERM to every process of the functions, one function after the other; new processes take what is configured by then. */
export async function roll({ world, complain }: FaultContext, names: readonly string[]): Promise<void> {
  for (const name of names) {
    const processIds = await world.functions.signal(name, 'SIGTERM')
    await until(`The end of ${name}`, () => !processIds.some(isAlive), endedWithinMs).catch((error: Error) =>
      complain(error.message),
    )
  }
}

export function isAlive(processId: number): boolean {
  try {
    return process.kill(processId, 0)
  } catch {
    return false
  }
}
