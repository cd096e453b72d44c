import { untilAborted } from '../../lib/pause.ts'
import { type Exchange, sendJson } from './http-server.ts'

/** What can go wrong with one call of any service, as its client sees it. */
export const CALL_FAULTS = [
  /** 429 without Retry-After. */
  'rate_limited',
  'rate_limited_with_retry_after',
  /** 503 with Retry-After. */
  'unavailable_with_retry_after',
  /** 401, whatever the credentials. */
  'unauthorized',
  /** 500. */
  'server_error',
  /** No answer until the client times out. */
  'hang',
  /** The connection is reset before an answer. */
  'reset',
  /** 200 with a body that is cut off. */
  'malformed',
] as const

export type CallFault = (typeof CALL_FAULTS)[number]
export type CallOutcome = 'ok' | CallFault

/** Answers with the fault. `bodyOf` returns the body that the real service sends for the status. */
export async function sendCallFault(
  { response, signal }: Exchange,
  fault: CallFault,
  retryAfterSeconds: number,
  bodyOf: (status: number) => object,
): Promise<void> {
  const send = (status: number, headers: Record<string, string> = {}) =>
    sendJson(response, status, bodyOf(status), headers)
  const retryAfter = { 'retry-after': String(retryAfterSeconds) }
  switch (fault) {
    case 'rate_limited':
      return send(429)
    case 'rate_limited_with_retry_after':
      return send(429, retryAfter)
    case 'unavailable_with_retry_after':
      return send(503, retryAfter)
    case 'unauthorized':
      return send(401)
    case 'server_error':
      return send(500)
    case 'hang':
      return untilAborted(signal)
    case 'reset':
      response.socket?.resetAndDestroy()
      return
    case 'malformed':
      return sendJson(response, 200, '{"documents":[{"addr')
  }
}
