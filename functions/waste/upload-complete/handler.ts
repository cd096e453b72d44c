import type { VerifyAccessToken } from '../../_lib/access/access-token.ts'
import { currentContext } from '../../_lib/events/trace.ts'
import { createApiApp } from '../../_lib/http/api-app.ts'
import { notFound } from '../../_lib/http/errors.ts'
import type { HttpApp, HttpAppOptions } from '../../_lib/http/http-app.ts'
import { isUuid } from '../../_lib/http/read-body.ts'
import { type CountUse, rateLimit } from '../../_lib/limits/rate-limit.ts'
import type { JobState } from '../job/job.ts'
import spec from './function.ts'
import type { UploadCompleteInput } from './upload-complete.ts'

export type HandlerOptions = HttpAppOptions & {
  verifyAccessToken: VerifyAccessToken
  countUse: CountUse
  requestsPerMinuteMax: number
  publicBaseUrl: string
  uploadComplete: (input: UploadCompleteInput) => Promise<{ state: JobState }>
}

export function createHandler(options: HandlerOptions): HttpApp {
  const app = createApiApp({ ...options, routes: spec.trigger.routes })
  const limited = rateLimit({
    name: 'waste-upload-complete',
    countUse: options.countUse,
    limit: options.requestsPerMinuteMax,
    windowSeconds: 60,
    keyOf: (c) => c.var.person.userId,
  })
  app.post('/api/v1/waste/upload-complete/:job_id', limited, async (c) => {
    const jobId = c.req.param('job_id').toLowerCase()
    if (!isUuid(jobId)) throw notFound()
    const { state } = await options.uploadComplete({
      jobId,
      ownerId: c.var.person.userId,
      traceparent: currentContext()?.traceparent ?? '',
    })
    options.log.info('An upload is complete', { job_id: jobId, status: state })
    const jobUrl = (view: string) => `${options.publicBaseUrl}/api/v1/waste/${view}/${jobId}`
    return c.json({ job_id: jobId, status: state, status_url: jobUrl('status'), result_url: jobUrl('result') }, 202)
  })
  return app
}
