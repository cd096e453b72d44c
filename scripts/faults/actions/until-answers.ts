import { until } from '../../lib/until.ts'

/** Waits until the address answers again, with any status. */
export const untilAnswers = (url: string): Promise<true> =>
  until(
    `An answer from ${url}`,
    () =>
      fetch(url, { signal: AbortSignal.timeout(2_000) }).then(
        async (response) => {
          await response.body?.cancel()
          return true as const
        },
        () => undefined,
      ),
    60_000,
  )
