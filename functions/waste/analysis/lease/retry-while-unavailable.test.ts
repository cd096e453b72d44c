import { expect, test } from 'vitest'
import { UnavailableError } from '../../../_lib/http/errors.ts'
import { retryWhileUnavailable } from './retry-while-unavailable.ts'

/** Fails with each error in turn, and then succeeds. */
function failing(...errors: Error[]) {
  let tries = 0
  const attempt = async () => {
    const error = errors[tries]
    tries += 1
    if (error) throw error
    return 'done'
  }
  return { attempt, tries: () => tries }
}
const away = (message = 'PostgreSQL is unavailable') => new UnavailableError('postgresql', message)

test('an outage that ends in time is outlasted, however the waits fall', async () => {
  for (const random of [0, 0.99]) {
    const { attempt } = failing(away(), away())
    expect(await retryWhileUnavailable(60_000, attempt, () => random)).toBe('done')
  }
})

test('what is no outage is not tried again', async () => {
  const { attempt, tries } = failing(new Error('A bug'))
  await expect(retryWhileUnavailable(60_000, attempt)).rejects.toThrow('A bug')
  expect(tries()).toBe(1)
})

test('an outage that lasts is what the last try has met', async () => {
  const endless = { tries: 0 }
  const attempt = () => {
    endless.tries += 1
    return Promise.reject(away(`Try ${endless.tries}`))
  }
  const error = await retryWhileUnavailable(50, attempt).catch((thrown: unknown) => thrown)
  expect(error).toEqual(away(`Try ${endless.tries}`))
  expect(endless.tries).toBeGreaterThan(1)
})

test('no time means one try', async () => {
  const { attempt, tries } = failing(away())
  await expect(retryWhileUnavailable(0, attempt)).rejects.toThrow('PostgreSQL is unavailable')
  expect(tries()).toBe(1)
})
