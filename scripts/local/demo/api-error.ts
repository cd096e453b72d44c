/** An error that the server answered; the message is for people. */
export class ApiError extends Error {
  override name = 'ApiError'
  readonly status: number
  readonly reason: string
  readonly retryAfterSeconds: number | undefined

  constructor(what: string, status: number, reason: string, detail: string, retryAfterSeconds?: number) {
    super(`${what} failed with ${status} ${reason}: ${detail}`)
    this.status = status
    this.reason = reason
    this.retryAfterSeconds = retryAfterSeconds
  }
}

/** The problem details of an answer (RFC 9457); empty when a proxy answers in its own format. */
export type Problem = { reason?: string; detail?: string; errors?: { pointer: string; detail: string }[] }

/** The problem of an answer without success. */
export const readProblem = async (response: Response): Promise<Problem> =>
  (await response.json().catch(() => ({}))) as Problem

export async function readRefusal(what: string, response: Response): Promise<ApiError> {
  const { reason = 'unknown', detail = response.statusText } = await readProblem(response)
  const retryAfter = response.headers.get('retry-after')
  return new ApiError(what, response.status, reason, detail, retryAfter === null ? undefined : Number(retryAfter))
}
