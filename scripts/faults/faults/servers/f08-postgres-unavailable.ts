import pg from 'pg'
import { pause } from '../../../lib/pause.ts'
import { findSlowSteps } from '../../actions/slow-steps.ts'
import type { Fault } from '../../fault.ts'
import { atMoments } from '../../moments.ts'
import { between } from '../../random.ts'
import type { World } from '../../world/world.ts'

const waysOfFailing = ['immediate restart', 'lock', 'cut', 'pool exhausted', 'reset', 'black hole'] as const
const lockMs = 30_000

export const f08: Fault = {
  id: 'F8',
  title: 'PostgreSQL unavailable, locked or full',
  how: `PostgreSQL stops at once and recovers (pg_ctl -m immediate), the table of jobs is locked for ${lockMs / 1000} s, the network is cut for 2 to 5 s, all connections that the server allows are taken for 5 s, all are reset, and the server stops answering for 2 to 5 s; each once in every seed`,
  boundSeconds: 15,
  run: (context) => {
    const { world, random, inject } = context
    const { postgres, network } = world
    const lastsMs = () => between(random, 2_000, 5_000)
    const injections: Record<(typeof waysOfFailing)[number], () => Promise<void>> = {
      'immediate restart': async () => {
        await postgres.kill()
        await postgres.restart()
      },
      lock: () => holdLock(world, lockMs),
      cut: async () => {
        network.postgres.cut()
        await pause(lastsMs())
        network.postgres.recover()
      },
      'pool exhausted': () => takeAllConnections(world, 5_000),
      reset: async () => network.postgres.reset(),
      'black hole': async () => {
        network.postgres.set({ blackHole: true })
        await pause(lastsMs())
        network.postgres.recover()
      },
    }
    return atMoments(context, waysOfFailing.length, async (nth) => {
      const way = waysOfFailing[nth] ?? 'cut'
      await inject(`PostgreSQL: ${way}`, injections[way])
    })
  },
  expectations: (outcome) => {
    const withoutWait = outcome.entries.filter(
      ({ kind, status, retryAfterSeconds }) =>
        (kind === 'open' || kind === 'complete') && status === 503 && retryAfterSeconds === undefined,
    )
    return [
      ...(withoutWait.length > 0 ? [`${withoutWait.length} answers of 503 had no Retry-After`] : []),
      ...findSlowSteps(outcome, ['open', 'complete'], 15_000),
    ]
  },
}

async function holdLock({ postgres }: World, ms: number): Promise<void> {
  const client = new pg.Client({ connectionString: postgres.url })
  client.on('error', () => undefined)
  await client.connect()
  try {
    await client.query('begin')
    await client.query('lock table waste.jobs in access exclusive mode')
    await pause(ms)
    await client.query('rollback')
  } finally {
    await client.end()
  }
}

/** Takes every connection that the server has left, those for superusers included, and cuts off the others. */
async function takeAllConnections({ postgres, network }: World, ms: number): Promise<void> {
  const taken: pg.Client[] = []
  network.postgres.cut()
  try {
    for (;;) {
      const client = new pg.Client({ connectionString: postgres.url, connectionTimeoutMillis: 2_000 })
      client.on('error', () => undefined)
      try {
        await client.connect()
        taken.push(client)
      } catch {
        break
      }
    }
    network.postgres.recover()
    await pause(ms)
  } finally {
    network.postgres.recover()
    await Promise.all(taken.map((client) => client.end().catch(() => undefined)))
  }
}
