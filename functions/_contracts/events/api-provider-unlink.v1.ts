import * as z from 'zod'
import { defineEvent } from '../../_lib/events/event-contract.ts'

export const apiProviderUnlinkV1 = defineEvent({
  type: 'app.growbin.api.provider.unlink.v1',
  queue: 'api',
  summary: 'An account was deleted: unlink it at its login provider.',
  schema: z.object({ unlink_id: z.uuid() }),
  example: { unlink_id: '0198c5f2-7b1e-7e55-a3d1-0b6c8f7d2e94' },
})
