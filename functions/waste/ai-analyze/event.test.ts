import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll } from 'vitest'
import { type LocalWasteServers, startWasteServers } from '../../../scripts/local/testing/waste-servers.ts'
import { parseCloudEvent } from '../../_lib/events/cloud-event.ts'
import { describeEventFunction } from '../../_lib/testing/event-suite.ts'
import { toSignedMessage } from '../../_lib/testing/test-event-keys.ts'
import { startWasteParts, type WasteParts } from '../testing/waste-parts.ts'
import { start } from './main.ts'

let opened: WasteParts<LocalWasteServers> | undefined
afterAll(() => opened?.close())

const getParts = () => {
  if (!opened) throw new Error('The parts are not started')
  return opened
}

describeEventFunction({
  name: 'waste-ai-analyze',
  start,
  environment: async () => {
    opened = await startWasteParts(await startWasteServers())
    return opened.environment
  },
  validEvent: async () => {
    const photo = await readFile(join(import.meta.dirname, '../../../scripts/photos/battery.jpg'))
    const { headers, body } = toSignedMessage(getParts().commandOf(await getParts().queuePhoto(photo)))
    return parseCloudEvent(new Headers(headers), Buffer.from(body))
  },
  effect: async ({ id, subject }) => {
    const { query } = getParts().database
    const [job] = await query('select state, fencing_token, failure_reason from waste.jobs where job_id = $1', [
      subject,
    ])
    const [result] = await query('select category, item_name from waste.results where job_id = $1', [subject])
    const inbox = await query('select consumer from events.inbox where event_id = $1', [id])
    const outbox = await query('select 1 from events.outbox where event_id = $1', [id])
    return { job, result, inbox, outbox }
  },
})
