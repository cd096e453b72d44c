import type { FaultContext } from './fault.ts'

/**
 * Does something `times` times, at moments chosen by the seed: when so many analyses have begun. None is in the first twentieth of
 * the load or in the last tenth, where little is under way.
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
    await load.untilBegun(moment)
    if (load.isOver() || Date.now() > endMs) return
    await work(nth)
  }
}
