import { afterAll } from 'vitest'
import { startTestParts, type TestParts } from '../../../scripts/local/testing/test-parts.ts'
import { describeHttpFunction } from '../../_lib/testing/http-suite.ts'
import { start } from './main.ts'

let parts: TestParts | undefined
afterAll(() => parts?.close())

describeHttpFunction({
  name: 'users-delete-account',
  start,
  environment: async () => {
    parts = await startTestParts()
    return parts.environmentOf('users')
  },
  requests: [
    {
      method: 'DELETE',
      path: '/api/v1/users/account',
      status: 202,
      // The caller can only delete their own account.
      shared: true,
      arrange: async (person) => {
        await parts?.database.query('insert into auth.accounts (user_id) values ($1)', [person.userId])
        await parts?.database.query(
          `insert into auth.sessions (session_id, user_id, ends_at) values ($1, $2, now() + interval '1 day')`,
          [person.sessionId, person.userId],
        )
        return {}
      },
    },
  ],
})
