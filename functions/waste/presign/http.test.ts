import { afterAll } from 'vitest'
import { describeHttpFunction } from '../../_lib/testing/http-suite.ts'
import { startWasteParts, type WasteParts } from '../testing/waste-parts.ts'
import { start } from './main.ts'

let parts: WasteParts | undefined
afterAll(() => parts?.close())

describeHttpFunction({
  name: 'waste-presign',
  start,
  environment: async () => {
    parts = await startWasteParts()
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
