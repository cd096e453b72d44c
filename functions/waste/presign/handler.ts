import * as z from 'zod'
import type { VerifyAccessToken } from '../../_lib/access/access-token.ts'
import { currentContext } from '../../_lib/events/trace.ts'
import { createApiApp } from '../../_lib/http/api-app.ts'
import { ProblemError } from '../../_lib/http/errors.ts'
import type { HttpApp, HttpAppOptions } from '../../_lib/http/http-app.ts'
import { readJsonBody } from '../../_lib/http/read-body.ts'
import { type CountUse, rateLimit } from '../../_lib/limits/rate-limit.ts'
import { imageBytesMax, imageContentTypeSchema } from '../image-content-type.ts'
import spec from './function.ts'
import type { PresignedUpload, PresignInput } from './presign.ts'

/** Smaller than any photo: a smaller length is a mistake of the client. */
const imageBytesMin = 64

export const requestSchema = z.strictObject({
  content_type: imageContentTypeSchema,
  content_length: z.int().min(imageBytesMin).max(imageBytesMax),
  /** Lower-case hex. */
  sha256: z
    .string()
    .regex(/^[0-9a-f]{64}$/, 'expected 64 lower-case hexadecimal digits')
    .optional(),
  location: z.strictObject({ lat: z.number().min(-90).max(90), lng: z.number().min(-180).max(180) }).optional(),
  locale: z.enum(['ko', 'en']).optional(),
})

/**
 * A key that the client chooses for one photo: a UUID, or another value as unlikely to repeat. Quotes around it are not
 * part of it.
 */
export const idempotencyKeySchema = z
  .string()
  .regex(/^("[\w.:-]{16,128}"|[\w.:-]{16,128})$/, 'expected 16 to 128 letters, digits, ".", ":", "_" or "-"')

export type HandlerOptions = HttpAppOptions & {
  verifyAccessToken: VerifyAccessToken
  countUse: CountUse
  requestsPerMinuteMax: number
  publicBaseUrl: string
  presign: (input: PresignInput) => Promise<PresignedUpload>
}

export function createHandler(options: HandlerOptions): HttpApp {
  const app = createApiApp({ ...options, routes: spec.trigger.routes })
  const limited = rateLimit({
    name: 'waste-presign',
    countUse: options.countUse,
    limit: options.requestsPerMinuteMax,
    windowSeconds: 60,
    keyOf: (c) => c.var.person.userId,
  })

  app.post('/api/v1/waste/analyze', limited, async (c) => {
    const idempotencyKey = readIdempotencyKey(c.req.header('idempotency-key'))
    const request = await readJsonBody(c, requestSchema)
    const upload = await options.presign({
      ownerId: c.var.person.userId,
      contentType: request.content_type,
      contentLengthBytes: request.content_length,
      sha256: request.sha256,
      location: request.location,
      locale: request.locale ?? c.var.locale,
      traceparent: currentContext()?.traceparent ?? '',
      idempotencyKey,
    })
    options.log.info('A job was opened', { job_id: upload.jobId, user_id: c.var.person.userId })
    const jobUrl = (view: string) => `${options.publicBaseUrl}/api/v1/waste/${view}/${upload.jobId}`
    return c.json(
      {
        job_id: upload.jobId,
        upload_url: upload.uploadUrl,
        upload_headers: upload.uploadHeaders,
        expires_at: upload.expiresAt.toISOString(),
        status_url: jobUrl('status'),
        result_url: jobUrl('result'),
      },
      201,
      { location: jobUrl('status'), ...upload.quotaHeaders },
    )
  })
  return app
}

function readIdempotencyKey(header: string | undefined): string | undefined {
  if (header === undefined) return undefined
  if (idempotencyKeySchema.safeParse(header).success) return header.replaceAll('"', '')
  throw new ProblemError('invalid_request', {
    reason: 'invalid_idempotency_key',
    detail: {
      ko: 'Idempotency-Key 헤더가 올바르지 않습니다.',
      en: 'The header Idempotency-Key is not 16 to 128 letters, digits, ".", ":", "_" or "-".',
    },
  })
}
