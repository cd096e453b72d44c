import type { FaultContext } from './fault.ts'

/**
 * Calls `work` `times` times, at moments chosen by the seed: when so many analyses have begun. None is in the first twentieth of
 * the load, where little is under way. The load goes on until all are done, so the system recovers between two of them.
 */
export async function atMoments(
  { load, random, endMs }: Pick<FaultContext, 'load' | 'random' | 'endMs'>,
  times: number,
  work: (nth: number) => Promise<void>,
): Promise<void> {
  const share = 0.85 / times
  for (let nth = 0; nth < times; nth += 1) {
    // One in each equal part of the load, so that no seed does everything at once.
    const moment = Math.floor(load.jobs * (0.05 + share * (nth + random())))
    const notBefore = nth === 0 ? 0 : load.begun() + Math.ceil(load.jobs * share * 0.3)
    await load.untilBegun(Math.max(moment, notBefore))
    if (load.isOver() || Date.now() > endMs) return
    await work(nth)
  }
}
