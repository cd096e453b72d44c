import * as z from 'zod'
import { pingType } from '../../functions/_lib/events/event-contract.ts'
import type { EventUse } from './event-uses.ts'

export const imageEvent: EventUse = {
  contract: {
    type: 'app.growbin.ai.image.analyze.v1',
    queue: 'ai',
    summary: 'A photo is there: analyse it.',
    schema: z.object({ job_id: z.uuid() }),
    example: { job_id: '0198c5f2-7b1e-7d36-9a55-3f6b8a1f0c2d' },
  },
  constant: 'aiImageAnalyzeV1',
  name: 'ai-image-analyze.v1',
  source: 'functions/_contracts/events/ai-image-analyze.v1.ts',
  producers: ['waste-presign'],
  cronSources: [],
  handlers: ['waste-ai-analyze'],
  eventSources: ['/growbin/waste-presign'],
}

export const tickEvent: EventUse = {
  contract: {
    type: pingType,
    queue: 'sched',
    summary: 'It is time for a clean-up.',
    schema: z.object({ task: z.literal('cleanup.images') }),
    example: { task: 'cleanup.images' },
  },
  constant: 'schedCleanupTickV1',
  name: 'sched-cleanup-tick.v1',
  source: 'functions/_contracts/events/sched-cleanup-tick.v1.ts',
  producers: [],
  cronSources: ['jobs-scheduled-cleanup-images'],
  handlers: ['jobs-scheduled-cleanup'],
  eventSources: ['/apis/v1/namespaces/messaging/pingsources/jobs-scheduled-cleanup-images'],
}
