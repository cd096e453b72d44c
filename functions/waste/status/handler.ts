import { streamSSE } from 'hono/streaming'
import type { VerifyAccessToken } from '../../_lib/access/access-token.ts'
import { createApiApp } from '../../_lib/http/api-app.ts'
import { notFound, ProblemError } from '../../_lib/http/errors.ts'
import type { HttpApp, HttpAppOptions } from '../../_lib/http/http-app.ts'
import { isUuid } from '../../_lib/http/read-body.ts'
import { type CountUse, rateLimit } from '../../_lib/limits/rate-limit.ts'
import { describeJob } from '../job/job.ts'
import { isFinal, type JobSnapshot, renderStatus } from '../snapshot/job-snapshot.ts'
import { eventIdOf, followJob } from './follow-job.ts'
import spec from './function.ts'
import type { StatusInput } from './status.ts'
import type { AcquireStream } from './stream-limit.ts'

export type HandlerOptions = HttpAppOptions & {
  verifyAccessToken: VerifyAccessToken
  countUse: CountUse
  requestsPerMinuteMax: number
  acquireStream: AcquireStream
  status: (input: StatusInput) => Promise<JobSnapshot>
  subscribe: (jobId: string, wake: () => void) => Promise<() => void>
  streamSecondsMax: number
}

const resumeAfterMs = 500
const pollMs = 1_000
const streamRetrySeconds = 5

export function createHandler(options: HandlerOptions): HttpApp {
  const app = createApiApp({ ...options, routes: spec.trigger.routes })
  const limited = rateLimit({
    name: spec.name,
    countUse: options.countUse,
    limit: options.requestsPerMinuteMax,
    windowSeconds: 60,
    keyOf: (c) => c.var.person.userId,
  })

  app.get('/api/v1/waste/status/:job_id', limited, async (c) => {
    const snapshot = await options.status({ jobId: jobIdOf(c.req.param('job_id')), ownerId: c.var.person.userId })
    return c.json(renderStatus(snapshot, c.var.locale))
  })

  app.get('/api/v1/waste/result/:job_id', limited, async (c) => {
    const snapshot = await options.status({ jobId: jobIdOf(c.req.param('job_id')), ownerId: c.var.person.userId })
    if (snapshot.state === 'completed' && snapshot.result) return c.json(snapshot.result)
    throw new ProblemError('conflict', {
      reason: snapshot.failureReason ?? 'result_not_ready',
      detail: {
        ko: describeJob(snapshot.stage, snapshot.failureReason, 'ko'),
        en: describeJob(snapshot.stage, snapshot.failureReason, 'en'),
      },
      ...(snapshot.failureReason === null && { retryAfterSeconds: 1 }),
    })
  })

  app.get('/api/v1/waste/events/:job_id', limited, async (c) => {
    const input = { jobId: jobIdOf(c.req.param('job_id')), ownerId: c.var.person.userId }
    const lastEventId = Number(c.req.header('last-event-id') ?? 0)
    const after = Number.isSafeInteger(lastEventId) ? lastEventId : 0
    // Reads once before the stream, which can no longer answer 404 or 503.
    const first = await options.status(input)
    // 204 makes an EventSource stop reconnecting.
    if (isFinal(first) && after >= eventIdOf(first)) return c.body(null, 204)

    const releaseStream = options.acquireStream(input.ownerId)
    if (!releaseStream) throw tooManyStreams()
    return streamSSE(c, async (stream) => {
      try {
        const ended = new AbortController()
        stream.onAbort(() => ended.abort())
        const signal = AbortSignal.any([ended.signal, AbortSignal.timeout(options.streamSecondsMax * 1000)])
        await stream.write(`retry: ${resumeAfterMs}\n\n`)
        const events = followJob(
          {
            readSnapshot: () => options.status(input),
            subscribe: (wake) => options.subscribe(input.jobId, wake),
            pollMs,
            signal,
          },
          after,
        )
        for await (const { id, snapshot } of events) {
          await stream.writeSSE({
            id: String(id),
            event: 'status',
            data: JSON.stringify(renderStatus(snapshot, c.var.locale)),
          })
        }
      } catch (error) {
        // The status was sent already: the client reconnects, and gets the error as the response.
        options.log.warn('A progress stream ended early', { error, job_id: input.jobId })
      } finally {
        releaseStream()
      }
    })
  })
  return app
}

const tooManyStreams = () =>
  new ProblemError('rate_limited', {
    reason: 'too_many_streams',
    detail: {
      ko: '진행 상황을 보는 연결이 너무 많아요. 잠시 뒤에 다시 시도해 주세요.',
      en: 'You follow too many jobs at once. Please try again shortly.',
    },
    retryAfterSeconds: streamRetrySeconds,
  })

/** An invalid id gets the same 404 as an unknown one. */
function jobIdOf(text: string): string {
  if (!isUuid(text)) throw notFound()
  return text.toLowerCase()
}
