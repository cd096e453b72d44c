import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type BrokerProcess, startBrokerProcess } from '../faults/world/broker-process.ts'
import { until } from '../lib/until.ts'
import { createGrowbinClient } from '../local/demo/growbin-client.ts'
import { type Platform, startPlatform } from '../local/platform/platform.ts'
import { patiently } from './patiently.ts'
import { drawVariant } from './photos.ts'
import { canStartServers, type StartedParts, startRealParts } from './real-parts.ts'

const analysesCount = 24
const killsCount = 6

describe.skipIf(!canStartServers)('analyses in four steps, on RabbitMQ', () => {
  let parts: StartedParts
  let platform: Platform
  let broker: BrokerProcess
  let dataDirectory: string
  let database: pg.Pool
  beforeAll(async () => {
    parts = await startRealParts()
    dataDirectory = await mkdtemp(join(tmpdir(), 'growbin-e2e-'))
    // PostgreSQL does not run as root, and its own user needs access.
    await chmod(dataDirectory, 0o711)
    platform = await startPlatform({
      dataDirectory,
      port: 0,
      processes: true,
      real: parts.real,
      brokerUid: parts.brokerUid,
      variant: 'stages',
      modelLatencyMs: 1_000,
      startBroker: async (options) => {
        broker = await startBrokerProcess({ broker: options, environment: {}, writeLog: () => undefined })
        return broker
      },
      writeLog: () => undefined,
      report: () => undefined,
    })
    database = new pg.Pool({ connectionString: platform.services.databaseUrl, max: 2 })
  })
  afterAll(async () => {
    await database?.end()
    await platform?.close()
    await parts?.close()
    if (dataDirectory) await rm(dataDirectory, { recursive: true, force: true })
  })

  it('complete once each though ingress and dispatchers are killed repeatedly', async () => {
    const uploads: { client: ReturnType<typeof createGrowbinClient>; jobId: string }[] = []
    for (let nth = 0; nth < analysesCount; nth += 1) {
      const client = createGrowbinClient({ baseUrl: platform.url })
      await client.login('kakao', `person-${nth}`)
      uploads.push({ client, jobId: await client.upload(await drawVariant(7_500 + nth)) })
    }
    const finishedSteps = async () => {
      const { rows } = await database.query<{ count: number }>('select count(*)::integer as count from events.inbox')
      return rows[0]?.count ?? 0
    }
    const analysing = Promise.all(
      uploads.map(async ({ client, jobId }, nth) => {
        // Spread, so that every kill meets jobs at each of the steps.
        await pause(nth * 150)
        await patiently(() => client.completeUpload(jobId))
        return client.follow(jobId, () => undefined, 150_000)
      }),
    )
    for (let kill = 1; kill <= killsCount; kill += 1) {
      const before = await finishedSteps()
      await until(`A step before kill ${kill}`, async () => (await finishedSteps()) > before)
      const processId = await until('The broker to run', () => broker.processId())
      process.kill(processId, 'SIGKILL')
    }
    expect((await analysing).map(({ status }) => status)).toEqual(Array(analysesCount).fill('completed'))
    const { rows } = await database.query(
      `select count(*)::integer as jobs, count(distinct job_id)::integer as results,
         count(*) filter (where step = 'compose_answer')::integer as staged
       from waste.jobs join waste.results using (job_id)`,
    )
    expect(rows).toEqual([{ jobs: analysesCount, results: analysesCount, staged: analysesCount }])
    const calls = await database.query('select job_id from waste.model_calls group by job_id having count(*) > 1')
    expect(calls.rows).toEqual([])
    await until('All that is on its way to be absorbed', async () =>
      Object.values(await platform.broker.stats()).every(({ ready, inFlight }) => ready + inFlight === 0),
    )
    expect((await database.query('select from waste.results')).rowCount).toBe(analysesCount)
    expect((await database.query('select from waste.step_outputs')).rowCount).toBe(0)
  })
})
