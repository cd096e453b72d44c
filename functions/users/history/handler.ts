import type { Context } from 'hono'
import type { VerifyAccessToken } from '../../_lib/access/access-token.ts'
import { createApiApp } from '../../_lib/http/api-app.ts'
import type { HttpApp, HttpAppOptions } from '../../_lib/http/http-app.ts'
import { parseRequest } from '../../_lib/http/read-body.ts'
import { type CountUse, rateLimit } from '../../_lib/limits/rate-limit.ts'
import spec from './function.ts'
import type { HistoryPage } from './history.ts'
import { type HistoryQuery, historyQuerySchema } from './history-query.ts'
import type { Stats } from './statistics/stats.ts'

export type HandlerOptions = HttpAppOptions & {
  verifyAccessToken: VerifyAccessToken
  countUse: CountUse
  requestsPerMinuteMax: number
  history: (input: { userId: string; query: HistoryQuery }) => Promise<HistoryPage>
  stats: (userId: string) => Promise<Stats>
}

export function createHandler(options: HandlerOptions): HttpApp {
  const app = createApiApp({ ...options, routes: spec.trigger.routes })
  const limited = rateLimit({
    name: 'users-history',
    countUse: options.countUse,
    limit: options.requestsPerMinuteMax,
    windowSeconds: 60,
    keyOf: (c) => c.var.person.userId,
  })

  app.get('/api/v1/users/history', limited, async (c) => {
    const query = parseRequest(historyQuerySchema, readQuery(c))
    return c.json(await options.history({ userId: c.var.person.userId, query }))
  })

  app.get('/api/v1/users/stats', limited, async (c) => {
    return c.json(await options.stats(c.var.person.userId))
  })
  return app
}

/** The query parameters. A repeated one becomes a list, which the schema of a single value refuses. */
function readQuery(c: Context): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(c.req.queries()).map(([name, values]) => [name, values.length === 1 ? values[0] : values]),
  )
}
