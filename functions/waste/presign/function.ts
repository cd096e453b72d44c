import * as z from 'zod'
import { defineFunction } from '../../_lib/process/function-spec.ts'
import { accessTokens, database, objectStore, publicAddress, redis } from '../../_lib/variables/groups.ts'
import { integer, variable } from '../../_lib/variables/variable.ts'

export default defineFunction({
  name: 'waste-presign',
  node: 'async',
  trigger: { routes: [{ method: 'POST', path: '/api/v1/waste/analyze' }] },
  scale: { min: 1, max: 2, concurrency: 0 },
  resources: { cpuMillis: 50, memoryMiB: 176 },
  variables: {
    ...accessTokens(),
    ...database('waste', { connectionsMax: 2 }),
    ...redis('waste'),
    ...objectStore(),
    ...publicAddress(),
    UPLOAD_EXPIRES_SECONDS: integer(300, { min: 30, max: 300 }),
    /** Of one person on a day of Asia/Seoul: each analysis costs money, and one person must not spend what is for all. */
    ANALYSES_PER_DAY_MAX: integer(100),
    REQUESTS_PER_MINUTE_MAX: integer(60),
    /** Unfinished jobs of all people: q-ai holds 5000 events, and what several instances admit between two counts must fit too. */
    ANALYSES_WAITING_MAX: integer(4_500),
    /** Predicted wait above which new work is refused: an event stays in q-ai for 300 s. */
    ANALYSIS_WAIT_SECONDS_MAX: integer(240),
    /** Analyses a second, until they can be measured: a hundred at once, of up to twenty seconds each. */
    ANALYSES_PER_SECOND_EXPECTED: variable(z.coerce.number().positive().default(5)),
  },
})
