/** Lets `work` run at most `concurrencyMax` times at once; further calls wait in their order. */
export function limitConcurrency<Arguments extends unknown[], Result>(
  work: (...args: Arguments) => Promise<Result>,
  concurrencyMax: number,
): (...args: Arguments) => Promise<Result> {
  const waiting: (() => void)[] = []
  let running = 0
  return async (...args) => {
    if (running >= concurrencyMax) await new Promise<void>((resolve) => waiting.push(resolve))
    else running += 1
    try {
      return await work(...args)
    } finally {
      // Hands its turn to the next in the queue, so that a new call cannot take it first.
      const next = waiting.shift()
      if (next) next()
      else running -= 1
    }
  }
}
