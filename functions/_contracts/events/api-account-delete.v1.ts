import * as z from 'zod'
import { defineEvent } from '../../_lib/events/event-contract.ts'

export const apiAccountDeleteV1 = defineEvent({
  type: 'app.growbin.api.account.delete.v1',
  queue: 'api',
  summary: 'Delete an account: remove what every domain stores about its person.',
  schema: z.object({ deletion_id: z.uuid() }),
  example: { deletion_id: '0198c5f2-7b1e-7d36-9a55-3f6b8a1f0c2e' },
})
