import { afterAll } from 'vitest'
import { startTestParts, type TestParts } from '../../../scripts/local/testing/test-parts.ts'
import { describeHttpFunction, type RequestExample } from '../../_lib/testing/http-suite.ts'
import { createPeople, type People } from '../testing/people.ts'
import { start } from './main.ts'

let parts: TestParts | undefined
let people: People
afterAll(() => parts?.close())

const arrange: RequestExample['arrange'] = async ({ userId }) => {
  await people.addAccount(userId)
  return {}
}

describeHttpFunction({
  name: 'users-profile',
  start,
  environment: async () => {
    parts = await startTestParts()
    people = createPeople(parts.database.query)
    return parts.environmentOf('users')
  },
  requests: [
    { method: 'GET', path: '/api/v1/users/profile', arrange, status: 200 },
    { method: 'PUT', path: '/api/v1/users/profile', body: { display_name: '하늘' }, arrange, status: 200 },
    { method: 'GET', path: '/api/v1/users/preferences', arrange, status: 200 },
    {
      method: 'PUT',
      path: '/api/v1/users/preferences',
      body: {
        language: 'ko',
        notifications: { analysis_completed: true, weekly_summary: true, announcements: false },
        region: '11140',
      },
      arrange,
      status: 200,
    },
    { method: 'GET', path: '/api/v1/users/export', arrange, status: 200 },
  ],
})
