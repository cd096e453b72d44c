import fc from 'fast-check'
import { expect, test } from 'vitest'
import { retry } from './retry.ts'

const failing = () => Promise.reject(new Error('unavailable'))
const always = { shouldRetry: () => true, timeoutMs: 1000, backoffMs: 100, maxAttempts: 3 }

test('the first success ends it, and no more tries are made than allowed', async () => {
  let tries = 0
  const succeedAt = (at: number) => {
    tries = 0
    return () => {
      tries += 1
      return tries >= at ? Promise.resolve('done') : failing()
    }
  }
  const options = { ...always, wait: async () => undefined }
  await expect(retry(succeedAt(3), options)).resolves.toBe('done')
  expect(tries).toBe(3)
  await expect(retry(succeedAt(4), options)).rejects.toThrow('unavailable')
  expect(tries).toBe(3)
})

test('an error that must not be retried ends it', async () => {
  let tries = 0
  const attempt = () => {
    tries += 1
    return failing()
  }
  await expect(retry(attempt, { ...always, shouldRetry: () => false })).rejects.toThrow('unavailable')
  expect(tries).toBe(1)
})

test('each wait is between zero and a bound that doubles', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.double({ min: 0, max: 1, noNaN: true }),
      fc.integer({ min: 2, max: 6 }),
      async (random, tries) => {
        const waits: number[] = []
        const options = {
          ...always,
          maxAttempts: tries,
          random: () => random,
          wait: async (ms: number) => waits.push(ms),
        }
        await expect(retry(failing, options)).rejects.toThrow('unavailable')
        expect(waits).toEqual(Array.from({ length: tries - 1 }, (_, index) => random * 100 * 2 ** index))
      },
    ),
  )
})

test('each attempt has a deadline of its own', async () => {
  const signals: AbortSignal[] = []
  const hanging = (signal: AbortSignal) => {
    signals.push(signal)
    return new Promise<never>((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)))
  }
  const options = { ...always, timeoutMs: 20, maxAttempts: 2, wait: async () => undefined }
  await expect(retry(hanging, options)).rejects.toMatchObject({ name: 'TimeoutError' })
  expect(signals).toHaveLength(2)
  expect(signals[0]).not.toBe(signals[1])
})

test('an abort ends the attempt, the wait and further attempts', async () => {
  const during = new AbortController()
  let tries = 0
  const hanging = (signal: AbortSignal) => {
    tries += 1
    return new Promise<never>((_, reject) => {
      signal.addEventListener('abort', () => reject(new Error('stopped')))
      during.abort()
    })
  }
  await expect(retry(hanging, { ...always, signal: during.signal })).rejects.toThrow('stopped')
  expect(tries).toBe(1)

  const waiting = new AbortController()
  tries = 0
  const attempt = () => {
    tries += 1
    setImmediate(() => waiting.abort())
    return failing()
  }
  const options = { ...always, backoffMs: 3_600_000, random: () => 1, signal: waiting.signal }
  await expect(retry(attempt, options)).rejects.toThrow('unavailable')
  expect(tries).toBe(1)
})
