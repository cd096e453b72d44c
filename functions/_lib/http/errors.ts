/** A text for people, in the two languages of the product. */
export type Text = { ko: string; en: string }

/** The closed set of failures that a caller can see. Only the table below maps them to HTTP. */
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

/** A failure that the caller sees, rendered as problem details (RFC 9457). */
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

/** An event that can never be handled. `createEventApp` records it as rejected and acknowledges it. */
export class RejectedEventError extends Error {
  override name = 'RejectedEventError'
  readonly reason: string

  constructor(reason: string, message: string) {
    super(message)
    this.reason = reason
  }
}

/** A server outside of the process is unavailable: it did not answer, or answered that it cannot serve now. */
export class UnavailableError extends Error {
  override name = 'UnavailableError'
  /** `postgresql`, `redis`, `objects`, … */
  readonly dependency: string

  constructor(dependency: string, message: string, options?: ErrorOptions) {
    super(message, options)
    this.dependency = dependency
  }
}

/** The `ProblemError` 404 for a thing that does not exist or belongs to another person: the caller cannot tell which. */
export const notFound = () =>
  new ProblemError('not_found', {
    reason: 'not_found',
    detail: { ko: '찾을 수 없습니다.', en: 'There is no such thing here.' },
  })
