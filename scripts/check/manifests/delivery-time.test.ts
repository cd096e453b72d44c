import { readFile } from 'node:fs/promises'
import { describe, expect, test } from 'vitest'
import { consumerTimeoutSeconds, durationSeconds, longestDeliverySeconds, parallelismMin } from './delivery-time.ts'

test.each([
  ['PT0.5S', 0.5],
  ['PT60S', 60],
  ['PT1M30S', 90],
  ['P1DT1H', 90_000],
])('%s is %d seconds', (duration, seconds) => {
  expect(durationSeconds(duration)).toBe(seconds)
})

test.each(['500ms', 'PT', 'P', '5', 'P1M', 'PT-1S', ''])('"%s" is no duration', (duration) => {
  expect(durationSeconds(duration)).toBeUndefined()
})

describe('the time that one event may be held', () => {
  const times = { retries: 3, backoffSeconds: 0.5, timeoutSeconds: 40 }
  test('doubles the wait from the first retry on, as the dispatcher does', () => {
    expect(longestDeliverySeconds({ ...times, backoffPolicy: 'exponential' })).toBe(4 * 40 + 1 + 2 + 4)
  })
  test('lengthens a linear wait by one step for each retry', () => {
    expect(longestDeliverySeconds({ ...times, backoffPolicy: 'linear' })).toBe(4 * 40 + 0.5 + 1 + 1.5)
  })
  test('is one timeout without retries', () => {
    expect(longestDeliverySeconds({ ...times, retries: 0, backoffPolicy: 'linear' })).toBe(40)
  })
})

test('one delivery of 60 s needs two at once, so that a hundred end within an hour', () => {
  expect(parallelismMin({ retries: 0, backoffSeconds: 1, timeoutSeconds: 60, backoffPolicy: 'linear' })).toBe(2)
  expect(parallelismMin({ retries: 0, backoffSeconds: 1, timeoutSeconds: 36, backoffPolicy: 'linear' })).toBe(1)
})

test('RabbitMQ is configured with the timeout that deliveries are computed with', async () => {
  const template = new URL('../../../charts/growbin/templates/rabbitmq.yaml', import.meta.url)
  expect(await readFile(template, 'utf8')).toContain(`consumer_timeout = ${consumerTimeoutSeconds * 1000}\n`)
})
