import * as z from 'zod'
import { defineEvent } from '../../_lib/events/event-contract.ts'

export const apiProfileSyncV1 = defineEvent({
  type: 'app.growbin.api.profile.sync.v1',
  queue: 'api',
  summary: 'A person has logged in: read name and picture from the provider.',
  schema: z.object({ sync_id: z.uuid() }),
  example: { sync_id: '0198c5f2-7b1e-7a1c-8c0e-5d2f4b9e6a31' },
})
