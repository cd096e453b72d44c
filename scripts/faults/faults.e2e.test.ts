import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { canStartServers } from '../e2e/real-parts.ts'
import { until } from '../lib/until.ts'
import type { Fault } from './fault.ts'
import { f01 } from './faults/processes/f01-killed-analysis.ts'
import { f02 } from './faults/processes/f02-killed-api.ts'
import { f03 } from './faults/processes/f03-killed-relay.ts'
import { f11 } from './faults/traffic/f11-duplicates.ts'
import type { GrowbinClient } from './load/analyse.ts'
import { logInPeople } from './load/run-load.ts'
import { createRandom } from './random.ts'
import { summariseFault } from './report/summarise.ts'
import { runFault } from './run-fault.ts'
import { startWorld } from './world/start-world.ts'
import type { World } from './world/world.ts'

/** A small part of `./scripts/test --faults`, always the same. */
const [seed, jobs, peopleCount] = [1, 60, 16]

describe.skipIf(!canStartServers)('the fault suite', () => {
  let folder: string
  let world: World
  let people: GrowbinClient[]
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'growbin-fault-suite-'))
    world = await startWorld({ logFile: join(folder, 'platform.log'), random: createRandom(seed) })
    people = await logInPeople(world.url, peopleCount, 'person')
  })
  afterAll(async () => {
    await world?.close()
    await rm(folder, { recursive: true, force: true })
  })
  const run = (fault: Fault) => runFault({ fault, world, people, jobs, seed, report: () => undefined })

  for (const fault of [f11, f02, f03, f01]) {
    it(`${fault.id} ${fault.title}: nothing is lost, nothing happens twice, and all recovers in time`, async () => {
      const result = await run(fault)
      expect(result.evidence).toEqual([])
      // The recovery time depends on the other load of this machine; the whole suite measures it.
      const row = summariseFault({ ...fault, boundSeconds: 10 * fault.boundSeconds }, [result])
      expect(row).toMatchObject({ problems: [], lost: 0, doubled: 0, accepted: row.attempted, completed: row.accepted })
      expect(row.accepted).toBeGreaterThanOrEqual(jobs)
    })
  }

  it('finds what was sabotaged: a job that is gone, a result that is missing, an end that was changed and one that came twice', async () => {
    const sabotaged = new Map<string, string>()
    const sabotage = async (what: string, sql: string) => {
      const taken = `{${[...sabotaged.values()].join(',')}}`
      const jobId = await until('A job that has ended', async () => {
        const rows = await world.query<{ job_id: string }>(
          `select job_id from waste.jobs join waste.results using (job_id)
           where state = 'completed' and job_id <> all ($1::uuid[]) order by created_at desc limit 1`,
          [taken],
        )
        return rows[0]?.job_id
      })
      sabotaged.set(what, jobId)
      for (const statement of sql.split(';')) await world.query(statement, [jobId])
    }
    const saboteur: Fault = {
      id: 'sabotage',
      title: 'rows changed behind the back of the system',
      how: 'by SQL',
      boundSeconds: 60,
      run: async ({ inject, load }) => {
        await load.untilBegun(jobs - 10)
        await inject('sabotage', async () => {
          await sabotage('gone', 'delete from waste.jobs where job_id = $1')
          await sabotage('result_missing', 'delete from waste.results where job_id = $1')
          await sabotage(
            'ended_twice',
            `update waste.jobs set state = 'failed', failure_reason = 'analysis_stalled' where job_id = $1`,
          )
          await sabotage(
            'result_twice',
            `update waste.results set category = 'GLASS', item_name = 'x' where job_id = $1`,
          )
          // In another slot, since the person may have another job by now.
          await sabotage(
            'forgotten',
            `update waste.jobs set state = 'created', finished_at = null, slot = 5 where job_id = $1`,
          )
        })
      },
    }
    const { checked, evidence, problems } = await run(saboteur)
    expect(problems).toEqual([])
    const blamed = checked.violations.map(({ kind, jobId }) => `${kind} ${jobId}`)
    expect(blamed).toEqual(expect.arrayContaining([...sabotaged].map(([kind, jobId]) => `${kind} ${jobId}`)))
    expect(new Set(checked.violations.map(({ jobId }) => jobId))).toEqual(new Set(sabotaged.values()))
    expect(evidence.every(({ history, row }) => history.length > 0 && row !== undefined)).toBe(true)
    expect([checked.lost, checked.doubled]).toEqual([3, expect.any(Number)])
    expect(checked.doubled).toBeGreaterThanOrEqual(2)
  })
})
