import { until } from '../../local/e2e/until.ts'
import type { Fault, FaultContext } from '../fault.ts'
import { drawPhoto } from '../load/draw-photo.ts'
import { logInPeople } from '../load/run-load.ts'
import { atMoments } from '../moments.ts'
import { pause } from '../pause.ts'
import { between } from '../random.ts'

const leaversOfSeed = 30
const goneWithinMs = 60_000

export const f20: Fault = {
  id: 'F20',
  title: 'account deleted while a job runs',
  how: `${leaversOfSeed} people in every seed complete two uploads each and delete their account 0 to 400 ms later, while the others go on`,
  boundSeconds: 60,
  inject: async (context) => {
    const leaving: Promise<void>[] = []
    await atMoments(context, leaversOfSeed, async (nth) => void leaving.push(leave(context, nth)))
    await Promise.all(leaving)
  },
}

async function leave({ world, random, injure, complain }: FaultContext, nth: number): Promise<void> {
  const [client] = await logInPeople(world.url, 1, `leaver-${nth}-${random()}`)
  if (!client) return
  const { user_id: userId } = await client.refresh()
  for (let photo = 0; photo < 2; photo += 1) {
    const jobId = await client.upload(await drawPhoto(random))
    await client.completeUpload(jobId)
  }
  await pause(between(random, 0, 400))
  await injure('deletion of an account', () => client.deleteAccount())
  const rowsOf = async () => {
    const [row] = await world.query<{ rows: number }>(
      `select (select count(*) from waste.jobs where owner_id = $1) + (select count(*) from waste.results where owner_id = $1)
         + (select count(*) from waste.jobs where owner_id = $1 and state = 'processing') as rows`,
      [userId],
    )
    return Number(row?.rows ?? 0)
  }
  await until('The end of the deletion', async () => (await rowsOf()) === 0, goneWithinMs).catch(() =>
    complain('something of a deleted account was left after a minute'),
  )
  // A worker that still had a job of this person must write nothing any more.
  await pause(3_000)
  if ((await rowsOf()) > 0) complain('a late result of a deleted account was kept')
}
