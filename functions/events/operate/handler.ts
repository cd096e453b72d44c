import type { BlockList } from 'node:net'
import type { Context } from 'hono'
import type { VerifyOperatorToken } from '../../_lib/access/operator-token.ts'
import { createApiApp } from '../../_lib/http/api-app.ts'
import { notFound } from '../../_lib/http/errors.ts'
import type { HttpApp, HttpAppOptions } from '../../_lib/http/http-app.ts'
import { isUuid, parseRequest, readJsonBody } from '../../_lib/http/read-body.ts'
import { encodeCursor } from './cursor.ts'
import type { ListedDeadLetter } from './dead-letters.pg.ts'
import spec from './function.ts'
import { type InspectDeps, inspect, list, renderItem } from './inspect.ts'
import type { ReplayDeps } from './replay.ts'
import { replay, replayByFilter } from './replay.ts'
import { listQuerySchema, replayFilterSchema, replayRequestSchema, runListQuerySchema } from './request-schemas.ts'
import { listRuns, type RunsDeps, readRun } from './runs/runs.ts'

export type HandlerOptions = HttpAppOptions & {
  verifyOperatorToken: VerifyOperatorToken
  operatorNetworks: BlockList
  trustedProxies: BlockList
  inspectDeps: InspectDeps
  replayDeps: ReplayDeps
  runsDeps: RunsDeps
  discard: (deadLetterId: string, operator: string) => Promise<ListedDeadLetter | undefined>
}

const path = '/api/v1/operations/dead-letters'
const runsPath = '/api/v1/operations/runs'

export function createHandler(options: HandlerOptions): HttpApp {
  const app = createApiApp({ ...options, routes: spec.trigger.routes })
  const { inspectDeps, replayDeps } = options

  app.get(path, async (c) => c.json(await list(inspectDeps, parseRequest(listQuerySchema, readQuery(c)))))

  app.post(`${path}/replay`, async (c) => {
    const request = await readJsonBody(c, replayFilterSchema)
    const report = await replayByFilter(replayDeps, { ...request, operator: c.var.operator.name })
    if (!report.dry_run) options.metrics.count('dead_letters_replayed_total', {}, report.replayed)
    const { next_cursor } = report
    return c.json({ ...report, next_cursor: next_cursor === undefined ? null : encodeCursor(next_cursor) })
  })

  app.get(`${path}/:dead_letter_id`, async (c) => c.json(await inspect(inspectDeps, idOf(c, 'dead_letter_id'))))

  app.post(`${path}/:dead_letter_id/replay`, async (c) => {
    const deadLetterId = idOf(c, 'dead_letter_id')
    const { force } = await readJsonBody(c, replayRequestSchema)
    const replayed = await replay(replayDeps, { deadLetterId, operator: c.var.operator.name, force })
    if (replayed.replayed) options.metrics.count('dead_letters_replayed_total')
    return c.json(replayed)
  })

  app.post(`${path}/:dead_letter_id/discard`, async (c) => {
    const discarded = await options.discard(idOf(c, 'dead_letter_id'), c.var.operator.name)
    if (!discarded) throw notFound()
    return c.json(renderItem(discarded))
  })

  app.get(runsPath, async (c) =>
    c.json(await listRuns(options.runsDeps, parseRequest(runListQuerySchema, readQuery(c)))),
  )

  app.get(`${runsPath}/:run_id`, async (c) => c.json(await readRun(options.runsDeps, idOf(c, 'run_id'))))
  return app
}

/** A malformed id is answered like an unknown one. */
function idOf(c: Context, parameter: 'dead_letter_id' | 'run_id'): string {
  const id = c.req.param(parameter) ?? ''
  if (!isUuid(id)) throw notFound()
  return id.toLowerCase()
}

/** A repeated parameter becomes a list, which a schema of a single value rejects. */
function readQuery(c: Context): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(c.req.queries()).map(([name, values]) => [name, values.length === 1 ? values[0] : values]),
  )
}
