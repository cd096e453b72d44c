import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openObjectStore } from '../../functions/_lib/stores/s3/object-store.s3.ts'
import { expectedFigures, seedDay } from '../../functions/jobs/batch-aggregate/testing/seed-analyses.ts'
import { repositoryRoot } from '../lib/repository-root.ts'
import { until } from '../lib/until.ts'
import { type Platform, startPlatform } from '../local/platform/platform.ts'
import { canStartServers, type StartedParts, startRealParts } from './real-parts.ts'

// One after the other: around a seeded day are jobs of its neighbours.
const seeded = ['2026-03-02', '2026-03-04', '2026-03-06', '2026-03-08'].map((day) => ({
  day,
  analyses: 2_500,
  people: 300,
}))

describe.each([
  { name: 'in one process, broker in memory', processes: false, skipped: false },
  { name: 'on real parts, each function a process', processes: true, skipped: !canStartServers },
])('a backfill $name', ({ processes, skipped }) => {
  let dataDirectory = ''
  let parts: StartedParts | undefined
  let platform: Platform
  let client: pg.Client
  beforeAll(async () => {
    if (skipped) return
    dataDirectory = await mkdtemp(join(tmpdir(), 'growbin-backfill-'))
    // PostgreSQL does not run as root, and its own user needs access.
    await chmod(dataDirectory, 0o711)
    parts = processes ? await startRealParts() : undefined
    platform = await startPlatform({
      dataDirectory,
      port: 0,
      processes,
      real: parts?.real ?? {},
      ...(parts && { brokerUid: parts.brokerUid }),
      modelLatencyMs: 0,
      // Several steps a day.
      overrides: { STEP_MS_MAX: '0' },
      writeLog: () => undefined,
      report: () => undefined,
    })
    client = new pg.Client({ connectionString: platform.services.databaseUrl })
    await client.connect()
    for (const day of seeded) await seedDay((text, values) => client.query(text, values), day)
  })
  afterAll(async () => {
    await client?.end()
    await platform?.close()
    await parts?.close()
    await rm(dataDirectory, { recursive: true, force: true })
  })

  const backfill = (...args: string[]) =>
    new Promise<{ code: unknown; out: string; err: string }>((resolve) => {
      const options = ['--base-url', platform.url, '--data', dataDirectory]
      execFile(join(repositoryRoot, 'scripts/backfill'), [...args, ...options], (error, out, err) =>
        resolve({ code: error?.code ?? 0, out, err }),
      )
    })
  const figuresOf = async (day: string) =>
    (await client.query('select figures from events.analytics_days where day = $1', [day])).rows[0]?.figures

  it.skipIf(skipped)(
    'counts days by one command, and puts the report of their week into the object store',
    async () => {
      const days = await backfill('analytics.daily', '--from', '2026-02-20', '--to', '2026-03-08')
      expect(days).toMatchObject({ code: 0, err: '' })
      expect(days.out).toContain('✓ 17 done')
      for (const day of seeded) expect(await figuresOf(day.day)).toEqual(expectedFigures(day))

      const reports = await backfill('report.generate', '--from', '2026-03-02', '--to', '2026-03-08')
      expect(reports).toMatchObject({ code: 0, out: expect.stringContaining('✓ 1 done') })
      const { rows } = await client.query('select object_key, sha256, figures from events.reports')
      expect(rows).toMatchObject([{ object_key: 'reports/weekly/2026-W10/report.json', figures: { week: '2026-W10' } }])
      const { endpoint, accessKeyId = '', secretAccessKey = '' } = platform.services.objectStore
      const store = openObjectStore({
        bucket: 'prod-sesacthon-images',
        region: 'ap-northeast-2',
        ...(endpoint && { endpoint }),
        credentials: { accessKeyId, secretAccessKey },
      })
      const report = (await store.read(rows[0].object_key, 1_000_000)) ?? new Uint8Array()
      await store.close()
      expect(createHash('sha256').update(report).digest('hex')).toBe(rows[0].sha256)
      expect(JSON.parse(new TextDecoder().decode(report))).toEqual(rows[0].figures)
    },
  )

  it.skipIf(skipped)('that is repeated does nothing, and counts again with --again', async () => {
    const range = ['analytics.daily', '--from', '2026-03-02', '--to', '2026-03-04']
    expect(await backfill(...range)).toMatchObject({ code: 0, out: expect.stringContaining('✓ 0 done, 3 before') })
    await client.query(`delete from waste.jobs where object_key = 'uploads/seed' and state = 'failed'`)
    expect(await backfill(...range, '--again')).toMatchObject({ code: 0, out: expect.stringContaining('✓ 3 done') })
    expect(await figuresOf('2026-03-02')).toMatchObject({ analyses: 2_250, completed: 2_250 })
  })

  if (processes) {
    it.skipIf(skipped)('goes on where it was when its process is killed, again and again', async () => {
      const day = { day: '2026-04-10', analyses: 9_000, people: 700 }
      await seedDay((text, values) => client.query(text, values), day)
      const following = backfill('analytics.daily', '--from', day.day, '--to', day.day)
      const rowsRead = async () =>
        Number(
          (await client.query('select rows_read from events.batch_periods where period = $1', [day.day])).rows[0]
            ?.rows_read ?? 0,
        )
      for (const rows of [1, 4_000]) {
        await until('The next checkpoint', async () => (await rowsRead()) >= rows)
        for (const { processId } of platform.revisions.get('jobs-batch-aggregate')?.instances() ?? []) {
          process.kill(Number(processId), 'SIGKILL')
        }
      }
      expect(await following).toMatchObject({ code: 0, err: '' })
      expect(await figuresOf(day.day)).toEqual(expectedFigures(day))
    })
  }
})
