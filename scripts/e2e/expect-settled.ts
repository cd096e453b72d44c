import { expect } from 'vitest'
import { until } from '../lib/until.ts'
import type { ChildPlatform } from './child/start-child-platform.ts'

/** Nothing is under way, lost, left in the outbox or dead-lettered, and every completed job has exactly one result. */
export async function expectSettled(platform: ChildPlatform): Promise<void> {
  // The relay publishes what is left in the outbox, every second, and the redriver what is quiet, every five.
  await until('The outbox to be empty', async () => {
    const [row] = await platform.query<{ pending: number }>(
      'select count(*)::integer as pending from events.outbox where sent_at is null',
    )
    return row?.pending === 0
  })
  await until('The queues to be empty', async () =>
    Object.values(await platform.stats()).every(({ ready, inFlight }) => ready + inFlight === 0),
  )
  expect(await platform.violations()).toEqual([])
  expect(await platform.query('select consumer, reason, event_type from events.dead_letters')).toEqual([])
  const stats = Object.values(await platform.stats())
  expect(stats.map(({ dropped, deadLettered }) => dropped + deadLettered)).toEqual(stats.map(() => 0))
  expect(
    await platform.query(`select job_id from waste.jobs full join waste.results using (job_id)
      where (jobs.state = 'completed') is distinct from (results.job_id is not null)`),
  ).toEqual([])
}
