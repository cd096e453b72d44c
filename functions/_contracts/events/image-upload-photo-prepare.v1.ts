import * as z from 'zod'
import { defineEvent } from '../../_lib/events/event-contract.ts'

export const imageUploadPhotoPrepareV1 = defineEvent({
  type: 'app.growbin.image_upload.photo.prepare.v1',
  queue: 'image_upload',
  summary: 'The photo of a job is in the object store and checked: look it up, and prepare it when it is new.',
  schema: z.object({ job_id: z.uuid() }),
  example: { job_id: '0198c5f2-7b1e-7d36-9a55-3f6b8a1f0c2d' },
})
