import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Redis } from 'ioredis'
import { afterAll } from 'vitest'
import type { EventSuiteOptions } from '../../_lib/testing/event-suite.ts'
import { type StagedAnalysis, startStagedAnalysis } from './staged-analysis.ts'
import { startWasteParts, type WasteParts, type WasteServers } from './waste-parts.ts'

/** What the event suite needs of the function of one step: the command that follows `stepsBefore` steps, and what it does. */
export function stepEvents(
  stepsBefore: number,
  startServers: () => Promise<WasteServers>,
): Pick<EventSuiteOptions, 'environment' | 'validEvent' | 'effect'> {
  let opened: { parts: WasteParts; staged: StagedAnalysis; redis: Redis } | undefined
  afterAll(async () => {
    opened?.redis.disconnect()
    await opened?.parts.close()
  })
  const getOpened = () => {
    if (!opened) throw new Error('The parts are not started')
    return opened
  }
  return {
    environment: async () => {
      const parts = await startServers().then(startWasteParts)
      opened = { parts, staged: await startStagedAnalysis(parts), redis: new Redis(parts.redis.url) }
      return parts.environment
    },
    validEvent: async () => {
      const { staged, redis } = getOpened()
      // A photo that nobody knows takes the whole way.
      await redis.flushall()
      const photo = await readFile(join(import.meta.dirname, '../../../scripts/photos/battery.jpg'))
      let event = staged.commandOf(await staged.queuePhoto(photo))
      for (let done = 0; done < stepsBefore; done += 1) {
        const { reply } = await staged.deliver(event)
        if (!reply) throw new Error(`"${event.type}" was not replied to`)
        event = reply
      }
      return event
    },
    effect: async ({ id, subject }) => {
      const { query } = getOpened().parts.database
      const [job] = await query('select state, step, fencing_token, failure_reason from waste.jobs where job_id = $1', [
        subject,
      ])
      const outputs = await query('select step, next_step from waste.step_outputs where job_id = $1 order by 1', [
        subject,
      ])
      const [result] = await query('select category, item_name from waste.results where job_id = $1', [subject])
      const inbox = await query('select consumer from events.inbox where event_id = $1', [id])
      const outbox = await query('select 1 from events.outbox where event_id = $1', [id])
      return { job, outputs, result, inbox, outbox }
    },
  }
}
