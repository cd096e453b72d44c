import { sql } from 'drizzle-orm'
import type { Queries } from '../../../_lib/stores/database.pg.ts'
import { inState } from '../columns.pg.ts'
import { withFailedTry } from '../late-job.pg.ts'

export type Redrive = {
  /** A worker claimed it and never came back, which is a failed try. */
  isLost: boolean
  /** A late job is released for two minutes. */
  isLate: boolean
}

const releasedFor = sql`interval '2 minutes'`
const failedTryDelaySeconds = 30

/**
 * Queues a quiet job again, whose row the transaction has locked. Resolves to the seconds after which a fresh job may be tried
 * again: none after the first failed try, then twice as many each time.
 */
export async function redriveJob(tx: Queries, jobId: string, { isLost, isLate }: Redrive): Promise<number> {
  const { rows } = await tx.execute<{ failed_tries: number }>(sql`
    update waste.jobs
    set ${inState('queued', 'queued')}, lease_until = null, redrives = redrives + 1, updated_at = now(),
      released_until = ${isLate ? sql`now() + ${releasedFor}` : sql`null`},
      failed_tries = ${isLost ? withFailedTry : sql`failed_tries`}
    where job_id = ${jobId} and state in ('queued', 'processing')
    returning failed_tries`)
  const failedTries = rows[0]?.failed_tries ?? 0
  if (!isLost || isLate || failedTries < 2) return 0
  const delaySeconds = failedTryDelaySeconds * 2 ** (failedTries - 2)
  await tx.execute(sql`
    update waste.jobs set updated_at = now() + make_interval(secs => ${delaySeconds}) where job_id = ${jobId}`)
  return delaySeconds
}
