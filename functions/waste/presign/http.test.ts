import { afterAll } from 'vitest'
import { type LocalWasteServers, startWasteServers } from '../../../scripts/local/testing/waste-servers.ts'
import { describeHttpFunction } from '../../_lib/testing/http-suite.ts'
import { startWasteParts, type WasteParts } from '../testing/waste-parts.ts'
import { start } from './main.ts'

let parts: WasteParts<LocalWasteServers> | undefined
afterAll(() => parts?.close())

describeHttpFunction({
  name: 'waste-presign',
  start,
  environment: async () => {
    parts = await startWasteParts(await startWasteServers())
    return parts.environment
  },
  requests: [
    {
      method: 'POST',
      path: '/api/v1/waste/analyze',
      body: { content_type: 'image/jpeg', content_length: 1000 },
      status: 201,
    },
  ],
})
