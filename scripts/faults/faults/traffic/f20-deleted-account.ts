import { createPseudonym } from '../../../../functions/_lib/access/pseudonym.ts'
import { until } from '../../../lib/until.ts'
import { createGrowbinClient } from '../../../local/demo/growbin-client.ts'
import type { Fault, FaultContext } from '../../fault.ts'
import type { GrowbinClient } from '../../load/analyse.ts'
import { drawPhoto } from '../../load/draw-photo.ts'
import { atMoments } from '../../moments.ts'
import type { World } from '../../world/world.ts'

const jobsOfOneDeletion = 40
const jobsOfThePerson = 4
const deletedWithinSeconds = 60

export const f20: Fault = {
  id: 'F20',
  title: 'account deleted while its jobs run',
  how: `a person sends ${jobsOfThePerson} photos and requests the deletion of the account twice while the model answers, once in ${jobsOfOneDeletion} jobs; calls of the model take 1.5 s`,
  boundSeconds: 60,
  world: { modelLatencyMs: 1_500 },
  run: (context) =>
    atMoments(context, Math.max(3, Math.round(context.load.jobs / jobsOfOneDeletion)), async (nth) => {
      const { world, inject, complain } = context
      const client = createGrowbinClient({ baseUrl: world.url })
      const person = await client.login('kakao', `leaves-${context.random()}-${nth}`)
      for (let sent = 0; sent < jobsOfThePerson; sent += 1) await send(context, client)
      await inject('an account is deleted', async () => {
        await untilModelWorks(world, person.user_id).catch((error: Error) => complain(error.message))
        await client.deleteAccount()
        await client.deleteAccount().catch((error: { status?: number }) => {
          // The first request ends the session; a new login may be needed, or the token is no longer accepted.
          if (error.status !== 401 && error.status !== 403)
            complain(`the second request to delete was answered with ${error.status}`)
        })
        const isDone = async () =>
          (
            await world.query('select from users.deletions where user_id = $1 and completed_at is not null', [
              person.user_id,
            ])
          ).length === 1
        await until('The end of a deletion', isDone, 2 * deletedWithinSeconds * 1000).catch((error: Error) =>
          complain(error.message),
        )
        await mustBeShutOut(context, client)
      })
    }),
  expectations: async ({ injections }, { world, note }) => {
    // Each deletion keeps the id of the person for some minutes after it is done, for a second sweep.
    const deletions = await world.query<{ userId: string; userHash: string; seconds: number | null }>(
      `select user_id as "userId", user_hash as "userHash", extract(epoch from completed_at - requested_at)::float8 as seconds
       from users.deletions where user_id is not null`,
    )
    const problems: string[] = []
    const slow = deletions.filter(({ seconds }) => seconds === null || seconds > deletedWithinSeconds)
    if (slow.length > 0) problems.push(`${slow.length} deletions took longer than ${deletedWithinSeconds} s`)
    if (deletions.length < injections.length)
      problems.push(`${injections.length} deletions were requested, and ${deletions.length} are kept`)
    const [late] = await world.query<{ count: number }>(
      `select count(distinct job_id)::integer as count from faults_audit.effects where kind = 'job_removed'`,
    )
    note(`${late?.count ?? 0} jobs were removed with ${deletions.length} accounts`)
    if ((late?.count ?? 0) < deletions.length) problems.push('hardly a job was removed: nothing was under way')
    const keys = await world.objectKeys()
    const nameOnReceipt = createPseudonym((await world.readSecrets()).pseudonymKey, 'deletion-receipt')
    for (const { userId, userHash } of deletions) {
      if (nameOnReceipt(userId) !== userHash) problems.push('a receipt has not the pseudonym of the deleted person')
      const objects = keys.filter((key) => key.includes(userId))
      if (objects.length > 0) problems.push(`${objects.length} objects of a deleted person are left: ${objects[0]}`)
      problems.push(...(await findRows(world, userId)).map((place) => `rows of a deleted person are left in ${place}`))
    }
    return problems
  },
}

async function send(context: FaultContext, client: GrowbinClient): Promise<void> {
  const photo = await drawPhoto(context.random)
  await client.completeUpload(await client.upload(photo))
}

/** At least one of the person's jobs has a call in flight, so that its answer arrives too late. */
const untilModelWorks = (world: World, userId: string) =>
  until(
    'A call of the model for the person who leaves',
    async () =>
      (
        await world.query(
          `select from waste.model_calls join waste.jobs using (job_id) where owner_id = $1 and ended_at is null`,
          [userId],
        )
      ).length > 0,
    30_000,
  )

async function mustBeShutOut({ complain }: FaultContext, client: GrowbinClient): Promise<void> {
  const refreshed = await client.refresh().then(
    () => 'a new session',
    (error: { status?: number }) => error.status,
  )
  if (refreshed !== 401) complain(`a person whose account is deleted was answered with ${refreshed}, expected 401`)
}

/** Every table that names the person, except the receipt. */
async function findRows(world: World, userId: string): Promise<string[]> {
  const columns = await world.query<{ place: string; name: string }>(
    `select format('%I.%I', table_schema, table_name) as place, column_name as name
     from information_schema.columns join information_schema.tables using (table_schema, table_name)
     where table_type = 'BASE TABLE' and column_name in ('user_id', 'owner_id') and table_name <> 'deletions'`,
  )
  const found = await Promise.all(
    columns.map(async ({ place, name }) => {
      const rows = await world.query(`select from ${place} where ${name} = $1 limit 1`, [userId])
      return rows.length > 0 ? place : undefined
    }),
  )
  return found.filter((place) => place !== undefined)
}
