export type Workers<T> = {
  push: (item: T) => void
  /** Drops the items that no worker has begun. */
  forgetWaiting: () => void
  /** Begins no other item, now or later. */
  stop: () => void
  waiting: () => number
  running: () => number
  /** Resolves when no worker is busy. */
  idle: () => Promise<void>
}

/** Runs `work` on items in order, at most `parallelism` at once. `work` must not reject. */
export function createWorkers<T>(parallelism: number, work: (item: T) => Promise<void>): Workers<T> {
  let waiting: T[] = []
  let running = 0
  let stopped = false
  let onIdle: (() => void)[] = []

  const begin = () => {
    while (running < parallelism && waiting.length > 0) {
      const item = waiting.shift() as T
      running += 1
      work(item).then(end, end)
    }
  }
  const end = () => {
    running -= 1
    begin()
    if (running > 0) return
    for (const resolve of onIdle) resolve()
    onIdle = []
  }
  return {
    push: (item) => {
      if (stopped) return
      waiting.push(item)
      begin()
    },
    forgetWaiting: () => {
      waiting = []
    },
    stop: () => {
      stopped = true
      waiting = []
    },
    waiting: () => waiting.length,
    running: () => running,
    idle: () => (running === 0 ? Promise.resolve() : new Promise((resolve) => onIdle.push(resolve))),
  }
}
