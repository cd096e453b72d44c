import { afterAll } from 'vitest'
import { type LocalWasteServers, startWasteServers } from '../../../scripts/local/testing/waste-servers.ts'
import { describeHttpFunction } from '../../_lib/testing/http-suite.ts'
import { startWasteParts, type WasteParts } from '../testing/waste-parts.ts'
import { start } from './main.ts'

let parts: WasteParts<LocalWasteServers> | undefined
afterAll(() => parts?.close())

const ofJob =
  (fields: Parameters<WasteParts['insertJob']>[0]) =>
  async ({ userId }: { userId: string }) => {
    const job = await parts?.insertJob({ owner_id: userId, ...fields })
    return { parameters: { job_id: job?.jobId ?? '' } }
  }

describeHttpFunction({
  name: 'waste-status',
  start,
  environment: async () => {
    parts = await startWasteParts(await startWasteServers())
    return parts.environment
  },
  requests: [
    { method: 'GET', path: '/api/v1/waste/status/:job_id', arrange: ofJob({ state: 'queued' }), status: 200 },
    { method: 'GET', path: '/api/v1/waste/result/:job_id', arrange: ofJob({ state: 'queued' }), status: 409 },
    {
      method: 'GET',
      path: '/api/v1/waste/events/:job_id',
      arrange: ofJob({ state: 'failed', failure_reason: 'photo_refused' }),
      status: 200,
    },
  ],
})
