import pg from 'pg'
import { until } from '../../local/e2e/until.ts'
import type { Fault } from '../fault.ts'
import { atMoments } from '../moments.ts'
import { pause } from '../pause.ts'
import type { World } from '../world/world.ts'

const times = 2
const lastsMs = 45_000

export const f18: Fault = {
  id: 'F18',
  title: 'dead letter sink down while orders die',
  how: `for ${lastsMs / 1000} s, ${times} times in every seed, the tables of jobs and of dead letters are locked: workers fail until their orders are dead letters, and what would archive those fails too`,
  boundSeconds: 120,
  inject: (context) =>
    atMoments(context, times, async () => {
      const { world, injure, complain } = context
      const before = await lostDeadLetters(world)
      await injure('dead letters away', () => lockTables(world, lastsMs))
      // The broker has acknowledged dead letters that nobody took: only the redriver knows of their jobs.
      await until('A dead letter that is lost', async () => (await lostDeadLetters(world)) > before, 30_000).catch(
        (error: Error) => complain(error.message),
      )
    }),
}

async function lostDeadLetters({ broker }: World): Promise<number> {
  const stats = await broker.stats()
  return Object.entries(stats)
    .filter(([name]) => name === 'q-dlq')
    .reduce((sum, [, { dropped }]) => sum + dropped, 0)
}

async function lockTables({ postgres }: World, ms: number): Promise<void> {
  const client = new pg.Client({ connectionString: postgres.url })
  client.on('error', () => undefined)
  await client.connect()
  try {
    await client.query('begin')
    await client.query('lock table waste.jobs, events.dead_letters in access exclusive mode')
    await pause(ms)
    await client.query('rollback')
  } finally {
    await client.end()
  }
}
