import { setTimeout as sleep } from 'node:timers/promises'

const pauseMs = 1_000

/** Retries work that may fail for a reason outside of the test, a bounded number of times. Throws the last error. */
export async function retry<T>(times: number, work: () => Promise<T>): Promise<T> {
  for (let tried = 1; ; tried += 1) {
    try {
      return await work()
    } catch (error) {
      if (tried >= times) throw error
      await sleep(pauseMs)
    }
  }
}
