import { afterAll } from 'vitest'
import { startTestParts, type TestParts } from '../../../scripts/local/testing/test-parts.ts'
import { describeHttpFunction } from '../../_lib/testing/http-suite.ts'
import { start } from './main.ts'

let parts: TestParts | undefined
afterAll(() => parts?.close())

describeHttpFunction({
  name: 'users-history',
  start,
  environment: async () => {
    parts = await startTestParts()
    return parts.environmentOf('users')
  },
  requests: [
    { method: 'GET', path: '/api/v1/users/history', query: '?limit=5&category=PAPER&from=2026-01-01', status: 200 },
    { method: 'GET', path: '/api/v1/users/stats', status: 200 },
  ],
})
