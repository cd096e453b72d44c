import { describe, expect, test } from 'vitest'
import { parseRequest } from './parse-request.ts'

test('a path becomes a route', () => {
  expect(parseRequest(['waste-count', '--http', 'GET /api/v1/waste/count']).trigger).toEqual({
    routes: [{ method: 'GET', path: '/api/v1/waste/count' }],
  })
})

test('a slow queue gets a delivery short enough for the consumer timeout', () => {
  expect(parseRequest(['jobs-batch', '--queue', 'batch'])).toMatchObject({
    trigger: { queue: 'batch', retries: 2, backoff: 'PT1S', timeoutSeconds: 10 },
    scale: { max: 2, concurrency: 1 },
    variables: { DATABASE_URL: { source: { secret: 'events-database', key: 'url' }, connectionsMax: 2 } },
  })
})

test('a schedule carries the name of its work', () => {
  expect(parseRequest(['jobs-tidy-up', '--cron', '0 3 * * *']).trigger).toEqual({
    schedules: [{ name: 'jobs-tidy-up', cron: '0 3 * * *', body: { task: 'tidy-up' } }],
  })
})

describe('refuses', () => {
  test.each([
    ['no name', ['--queue', 'ai'], 'Usage: npm run new-function'],
    ['no trigger', ['waste-count'], 'Usage: npm run new-function'],
    ['two triggers', ['waste-count', '--queue', 'ai', '--cron', '* * * * *'], 'Usage: npm run new-function'],
    ['two names', ['waste-count', 'waste-other', '--queue', 'ai'], 'Usage: npm run new-function'],
    ['an unknown queue', ['waste-count', '--queue', 'fast'], 'expected one of ai, api, sched, batch, dlq'],
    ['an unknown method', ['waste-count', '--http', 'FETCH /x'], 'expected a method and a path'],
    ['a route without a path', ['waste-count', '--http', 'GET'], 'expected a method and a path'],
    ['an unknown option', ['waste-count', '--topic', 'x'], "Unknown option '--topic'"],
  ])('%s', (_, parameters, message) => {
    expect(() => parseRequest(parameters)).toThrow(message)
  })
})
