import { afterAll, beforeAll } from 'vitest'
import { createTestDatabase, type TestDatabase } from '../../../scripts/local/testing/test-database.ts'
import { createUuidV7 } from '../../_lib/http/uuid.ts'
import { describeHttpFunction } from '../../_lib/testing/http-suite.ts'
import { start } from './main.ts'

let database: TestDatabase
beforeAll(async () => {
  database = await createTestDatabase()
})
afterAll(() => database?.close())

const path = '/api/v1/operations/dead-letters'
const operator = true
const arrange = async () => {
  const id = createUuidV7()
  await database.query(
    `insert into events.dead_letters (dead_letter_id, consumer, kind, reason, headers, body, verified)
     values ($1, 'jobs-external-call', 'dead_letter', 'answered_503', $2, '{}', true)`,
    [
      id,
      {
        'content-type': 'application/json',
        'ce-specversion': '1.0',
        'ce-id': id,
        'ce-source': '/s',
        'ce-type': 't',
        'ce-queue': 'api',
      },
    ],
  )
  return { parameters: { dead_letter_id: id } }
}

const runsPath = '/api/v1/operations/runs'
const arrangeRun = async () => {
  const id = createUuidV7()
  await database.query(
    `insert into events.batch_runs (run_id, task, first_day, last_day, again, ordered_by, periods)
     values ($1, 'analytics.daily', '2026-03-02', '2026-03-03', false, '/test', 2)`,
    [id],
  )
  return { parameters: { run_id: id } }
}

describeHttpFunction({
  name: 'events-operate',
  start,
  environment: async () => ({ DATABASE_URL: database.urlOf('events') }),
  requests: [
    { method: 'GET', path, operator, query: '?state=open&limit=5', status: 200 },
    { method: 'POST', path: `${path}/replay`, operator, body: { filter: {}, dry_run: true }, status: 200 },
    { method: 'GET', path: `${path}/:dead_letter_id`, operator, arrange, status: 200 },
    { method: 'POST', path: `${path}/:dead_letter_id/replay`, operator, arrange, body: {}, status: 200 },
    { method: 'POST', path: `${path}/:dead_letter_id/discard`, operator, arrange, status: 200 },
    { method: 'GET', path: runsPath, operator, query: '?task=analytics.daily', status: 200 },
    { method: 'GET', path: `${runsPath}/:run_id`, operator, arrange: arrangeRun, status: 200 },
  ],
})
