import { setTimeout as pause } from 'node:timers/promises'
import type { TiedProcess } from './spawn-tied.ts'

const RETRY_INTERVAL_MS = 25

/** Resolves when `answers` does not throw. Stops the server and throws when the signal aborts; throws with its last lines when the server exits or the time is over. */
export async function waitUntilAnswers(
  server: string,
  tied: TiedProcess,
  timeoutMs: number,
  answers: () => Promise<unknown>,
  signal?: AbortSignal,
): Promise<void> {
  const deadlineMs = performance.now() + timeoutMs
  for (;;) {
    if (signal?.aborted) {
      await tied.stop()
      throw new Error(`${server} was stopped while starting.`, { cause: signal.reason })
    }
    if (!tied.isRunning()) {
      const { code, signal } = await tied.exited
      throw new Error(`${server} exited with ${signal ?? `code ${code}`} while starting. ${quoteLines(tied)}`)
    }
    try {
      await answers()
      return
    } catch (cause) {
      if (performance.now() > deadlineMs) {
        await tied.kill()
        throw new Error(`${server} did not answer within ${timeoutMs} ms. ${quoteLines(tied)}`, { cause })
      }
    }
    await pause(RETRY_INTERVAL_MS)
  }
}

const quoteLines = (tied: TiedProcess) => `It last wrote:\n${tied.lastLines().join('\n') || '(nothing)'}`
