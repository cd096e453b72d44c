import * as z from 'zod'
import { defineEvent } from '../../_lib/events/event-contract.ts'

export const apiCoordinatesFindV1 = defineEvent({
  type: 'app.growbin.api.coordinates.find.v1',
  queue: 'api',
  summary: 'Ask the map service for the coordinates of an address.',
  schema: z.object({ geocoding_id: z.uuid() }),
  example: { geocoding_id: '0198c5f2-7b1e-7c70-94b8-2e1d5a3f6c09' },
})
