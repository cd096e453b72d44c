/** A text for people, in the two languages of the product. */
export type Text = { ko: string; en: string }

/** What went wrong, as a closed set. The status table below is the only place that knows HTTP. */
export type ProblemCode =
  | 'invalid_request'
  | 'unauthenticated'
  | 'forbidden'
  | 'not_found'
  | 'method_not_allowed'
  | 'conflict'
  | 'payload_too_large'
  | 'unsupported_media_type'
  | 'rate_limited'
  | 'internal'
  | 'unavailable'

export const statusOf = {
  invalid_request: 400,
  unauthenticated: 401,
  forbidden: 403,
  not_found: 404,
  method_not_allowed: 405,
  conflict: 409,
  payload_too_large: 413,
  unsupported_media_type: 415,
  rate_limited: 429,
  internal: 500,
  unavailable: 503,
} as const satisfies Record<ProblemCode, number>

export type ProblemOptions = {
  /** Stable word for programs, finer than the code: `upload_missing`. */
  reason?: string
  /** For the caller. Never holds a secret, a token or an internal name. */
  detail: Text
  /** Seconds after which the caller may try again; sent as `Retry-After`. */
  retryAfterSeconds?: number
  /** Wrong fields of the request, as JSON pointers. */
  fields?: readonly { pointer: string; detail: string }[]
  /** Further response headers that the answer needs, such as `WWW-Authenticate`. */
  headers?: Record<string, string>
  /** For the log only. */
  cause?: unknown
}

/** An outcome that the caller is told of, rendered as problem details (RFC 9457). */
export class ProblemError extends Error {
  override name = 'ProblemError'
  readonly code: ProblemCode
  readonly options: ProblemOptions

  constructor(code: ProblemCode, options: ProblemOptions) {
    super(options.detail.en, { cause: options.cause })
    this.code = code
    this.options = options
  }
}

/** An event that can never be handled. It is recorded as rejected, and then acknowledged. */
export class RejectedEventError extends Error {
  override name = 'RejectedEventError'
  readonly reason: string

  constructor(reason: string, message: string) {
    super(message)
    this.reason = reason
  }
}

/** A service outside of the process that did not answer, or answered that it cannot now. */
export class UnavailableError extends Error {
  override name = 'UnavailableError'
  /** `postgresql`, `redis`, `objects`, … */
  readonly dependency: string

  constructor(dependency: string, message: string, options?: ErrorOptions) {
    super(message, options)
    this.dependency = dependency
  }
}

/** The refusal of what does not exist, or belongs to another: `ProblemError` 404, which tells the two apart for nobody. */
export const notFound = () =>
  new ProblemError('not_found', {
    reason: 'not_found',
    detail: { ko: '찾을 수 없습니다.', en: 'There is no such thing here.' },
  })
