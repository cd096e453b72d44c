import { afterAll } from 'vitest'
import { type LocalWasteServers, startWasteServers } from '../../../scripts/local/testing/waste-servers.ts'
import { describeHttpFunction } from '../../_lib/testing/http-suite.ts'
import { startWasteParts, type WasteParts } from '../testing/waste-parts.ts'
import { start } from './main.ts'

let parts: WasteParts<LocalWasteServers> | undefined
afterAll(() => parts?.close())

const jpeg = Buffer.concat([Buffer.from('\xff\xd8\xff\xe0', 'latin1'), Buffer.alloc(996)])

describeHttpFunction({
  name: 'waste-upload-complete',
  start,
  environment: async () => {
    parts = await startWasteParts(await startWasteServers())
    return parts.environment
  },
  requests: [
    {
      method: 'POST',
      path: '/api/v1/waste/upload-complete/:job_id',
      arrange: async ({ userId }) => {
        const job = await parts?.insertJob({ owner_id: userId })
        await parts?.store.write(job?.objectKey ?? '', jpeg, 'image/jpeg')
        return { parameters: { job_id: job?.jobId ?? '' } }
      },
      status: 202,
    },
  ],
})
