import type { Context } from 'hono'
import { currentContext } from '../events/trace.ts'
import { ProblemError, statusOf, UnavailableError } from './errors.ts'

/**
 * Turns an error into the problem that the caller sees: a `ProblemError` as it is, `UnavailableError` as 503, and anything else as a 500
 * that reveals nothing of its cause.
 */
export function toProblem(error: unknown): ProblemError {
  if (error instanceof ProblemError) return error
  if (error instanceof UnavailableError) {
    return new ProblemError('unavailable', {
      reason: 'dependency_unavailable',
      detail: {
        ko: '잠시 이용할 수 없습니다. 조금 뒤에 다시 시도해 주세요.',
        en: 'This is not available right now. Please try again shortly.',
      },
      retryAfterSeconds: 2,
      cause: error,
    })
  }
  return new ProblemError('internal', {
    reason: 'internal',
    detail: { ko: '처리하지 못했습니다. 다시 시도해 주세요.', en: 'Something went wrong. Please try again.' },
    cause: error,
  })
}

const titles = {
  invalid_request: 'Invalid request',
  unauthenticated: 'Not signed in',
  forbidden: 'Not allowed',
  not_found: 'Not found',
  method_not_allowed: 'Method not allowed',
  conflict: 'Conflict',
  payload_too_large: 'Payload too large',
  unsupported_media_type: 'Unsupported media type',
  rate_limited: 'Too many requests',
  internal: 'Internal error',
  unavailable: 'Unavailable',
} as const

/**
 * Renders problem details (RFC 9457) with the additional members `reason`, `request_id` and `errors`. `detail` is in the language of the
 * request, Korean before it is known.
 */
export function renderProblem(c: Context, problem: ProblemError): Response {
  const { options, code } = problem
  const status = statusOf[code]
  const locale = c.get('locale') === 'en' ? 'en' : 'ko'
  const body = {
    type: `urn:growbin:problem:${options.reason ?? code}`,
    title: titles[code],
    status,
    detail: options.detail[locale],
    reason: options.reason ?? code,
    request_id: currentContext()?.requestId,
    ...(options.fields && { errors: options.fields }),
  }
  const headers: Record<string, string> = { 'content-type': 'application/problem+json', 'content-language': locale }
  if (options.retryAfterSeconds !== undefined) headers['retry-after'] = String(Math.ceil(options.retryAfterSeconds))
  return c.body(JSON.stringify(body), status, { ...headers, ...options.headers })
}
