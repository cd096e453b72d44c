import type { ModelFault } from '../faults.ts'

/** The error body of the API: `{ error: { message, type, param, code } }`. */
export class OpenAiError extends Error {
  override readonly name = 'OpenAiError'
  readonly status: number
  readonly type: string
  readonly code: string | null
  readonly param: string | null
  readonly headers: Record<string, string>

  constructor(
    status: number,
    type: string,
    code: string | null,
    message: string,
    { param = null, headers = {} }: { param?: string | null; headers?: Record<string, string> } = {},
  ) {
    super(message)
    this.status = status
    this.type = type
    this.code = code
    this.param = param
    this.headers = headers
  }

  body() {
    return { error: { message: this.message, type: this.type, param: this.param, code: this.code } }
  }
}

export function invalidRequest(code: string | null, message: string, param: string | null = null): OpenAiError {
  return new OpenAiError(400, 'invalid_request_error', code, message, { param })
}

/** The error of a fault, or undefined when the fault is not an error answer. */
export function faultError(fault: ModelFault, retryAfterSeconds: number): OpenAiError | undefined {
  switch (fault) {
    case 'rate_limited':
      return new OpenAiError(429, 'requests', 'rate_limit_exceeded', 'Simulated: rate limit reached for requests.')
    case 'rate_limited_with_retry_after':
      return new OpenAiError(429, 'requests', 'rate_limit_exceeded', 'Simulated: rate limit reached for requests.', {
        headers: {
          'retry-after': String(Math.ceil(retryAfterSeconds)),
          'retry-after-ms': String(Math.round(retryAfterSeconds * 1000)),
        },
      })
    case 'insufficient_quota':
      return new OpenAiError(429, 'insufficient_quota', 'insufficient_quota', 'Simulated: the quota is used up.')
    case 'invalid_api_key':
      return invalidApiKey()
    case 'permission_denied':
      return new OpenAiError(403, 'invalid_request_error', 'model_not_found', 'Simulated: no access to this model.')
    case 'model_not_found':
      return new OpenAiError(404, 'invalid_request_error', 'model_not_found', 'Simulated: the model does not exist.')
    case 'server_error':
      return new OpenAiError(500, 'server_error', null, 'Simulated: the server had an error.')
    case 'overloaded':
      return new OpenAiError(503, 'server_error', null, 'Simulated: the engine is overloaded.')
    default:
      return undefined
  }
}

export function invalidApiKey(): OpenAiError {
  return new OpenAiError(401, 'invalid_request_error', 'invalid_api_key', 'Simulated: incorrect API key provided.')
}
