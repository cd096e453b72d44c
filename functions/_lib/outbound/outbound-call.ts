import { setTimeout as sleep } from 'node:timers/promises'
import { readRetryAfterSeconds } from '../http/retry-after.ts'
import type { Logger } from '../process/log.ts'
import type { Metrics } from '../process/metrics.ts'
import type { Admission, Admitted, CallOutcome, OutboundLimits, RefusalReason } from './circuit-breaker.ts'
import { fetchBounded } from './fetch-bounded.ts'

/** A service of another company, and the limits of its calls. */
export type OutboundService = {
  /** Key of its rate limit and circuit breaker, for all workers: `kakao-local`. */
  name: string
  limits: OutboundLimits
  /** Deadline of one attempt, body included, in milliseconds. */
  timeoutMs: number
  /** Attempts of one call, the first included. Each takes a token. */
  maxAttempts: number
  /** Recognizes an answer that means "too many requests", beside 429 and 503 with `Retry-After`. */
  isThrottled?: (answer: OutboundAnswer) => boolean
  /** The pause after such an answer without `Retry-After`; 10 s by default. */
  pauseSeconds?: number
}

export type OutboundRequest = {
  url: URL
  method: 'GET' | 'POST'
  headers?: Record<string, string>
  form?: Record<string, string>
}

/** Any answer that is no failure of the service, also 401 or 404, which the caller interprets. */
export type OutboundAnswer = { status: number; headers: Headers; text: string }

/** An answer breaks the contract of its service. `read` throws this, without a quotation of the answer. */
export class MalformedAnswerError extends Error {
  override name = 'MalformedAnswerError'
}

/** The call was not made or failed for a reason that may pass: try it again, no earlier than in `delaySeconds`. */
export class OutboundDeferredError extends Error {
  override name = 'OutboundDeferredError'
  readonly service: string
  readonly reason: RefusalReason | 'throttled' | 'failed'
  readonly delaySeconds: number

  constructor(service: string, reason: OutboundDeferredError['reason'], delaySeconds: number, options?: ErrorOptions) {
    super(`A call of "${service}" is deferred for ${Math.ceil(delaySeconds)} s: ${reason}`, options)
    this.service = service
    this.reason = reason
    this.delaySeconds = delaySeconds
  }
}

/** Rate limiter and circuit breaker: decides for all workers together whether a call may begin, and counts how it ended. */
export type CircuitBreaker = {
  admit: (service: OutboundService) => Promise<Admission>
  settle: (
    service: OutboundService,
    admitted: Admitted,
    outcome: CallOutcome,
  ) => Promise<{ wasOpen: boolean; isOpen: boolean }>
}

export type OutboundCallDeps = {
  breaker: CircuitBreaker
  log: Logger
  metrics: Metrics
  random?: () => number
  nowMs?: () => number
  wait?: (ms: number, signal?: AbortSignal) => Promise<unknown>
}

/**
 * Calls a service and resolves to what `read` returns for its answer. Throws `OutboundDeferredError` when the call is refused by the rate
 * limiter or circuit breaker, is answered with 429 or the like, or fails; a `MalformedAnswerError` of `read` is such a failure, and any
 * other error of `read` is thrown as it is.
 */
export type CallService = <T>(
  service: OutboundService,
  request: OutboundRequest,
  read: (answer: OutboundAnswer) => T,
  signal?: AbortSignal,
) => Promise<T>

type Tried<T> =
  | { outcome: CallOutcome; label: string; value: () => T }
  | { outcome: CallOutcome & { kind: 'throttled' }; label: string }
  | { outcome: { kind: 'failed' }; label: string; cause: unknown }

const backoffMs = 200
const pauseSecondsDefault = 10
/** Delay of a failed call; `deferSeconds` doubles it for each attempt. */
const failedDelaySeconds = 5

/**
 * The one way to call other companies' services: with the rate limiter and circuit breaker of all workers, a deadline for each attempt,
 * metrics and log. `wait` takes milliseconds, `nowMs` returns milliseconds since 1970, `random` returns 0 to 1.
 *
 * @example
 * const callService = createOutboundCall({ breaker: createCircuitBreaker(database), log, metrics })
 * const places = await callService(kakaoLocal, { url, method: 'GET' }, (answer) => schema.parse(parseAnswer(answer)))
 */
export function createOutboundCall(deps: OutboundCallDeps): CallService {
  const { breaker, log, metrics, random = Math.random, nowMs = Date.now } = deps
  const wait = deps.wait ?? ((ms: number, signal?: AbortSignal) => sleep(ms, undefined, signal && { signal }))

  const settle = async (service: OutboundService, admitted: Admitted, outcome: CallOutcome) => {
    try {
      const { wasOpen, isOpen } = await breaker.settle(service, admitted, outcome)
      metrics.set('outbound_circuit_open', { service: service.name }, isOpen ? 1 : 0)
      if (wasOpen === isOpen) return
      metrics.count('outbound_circuit_changes_total', { service: service.name, to: isOpen ? 'open' : 'closed' })
      log.warn(isOpen ? 'The circuit of a service is open' : 'The circuit of a service is closed', {
        service: service.name,
      })
    } catch (error) {
      // The answer is still good, so a failure to count the call must not lose it.
      log.warn('The outcome of an outbound call could not be recorded', { error, service: service.name })
    }
  }

  return async (service, request, read, signal) => {
    for (let tried = 1; ; tried += 1) {
      const admission = await breaker.admit(service)
      if (admission.kind === 'refused') {
        metrics.count('outbound_calls_deferred_total', { service: service.name, reason: admission.reason })
        throw new OutboundDeferredError(service.name, admission.reason, admission.waitSeconds)
      }
      const startedMs = performance.now()
      const end = await tryOnce(service, request, read, nowMs, signal)
      metrics.observeMs('outbound_call_duration', { service: service.name }, performance.now() - startedMs)
      metrics.count('outbound_calls_total', { service: service.name, outcome: end.label })
      await settle(service, admission, end.outcome)
      if ('value' in end) return end.value()
      if (!('cause' in end)) throw new OutboundDeferredError(service.name, 'throttled', end.outcome.pauseSeconds)
      log.warn('An outbound call failed', { error: end.cause, service: service.name, outcome: end.label, tried })
      const failed = new OutboundDeferredError(service.name, 'failed', failedDelaySeconds, { cause: end.cause })
      if (tried >= service.maxAttempts || signal?.aborted) throw failed
      await wait(random() * backoffMs * 2 ** (tried - 1), signal).catch(() => {
        throw failed
      })
    }
  }
}

async function tryOnce<T>(
  service: OutboundService,
  request: OutboundRequest,
  read: (answer: OutboundAnswer) => T,
  nowMs: () => number,
  signal: AbortSignal | undefined,
): Promise<Tried<T>> {
  const failed = (label: string, cause: unknown): Tried<T> => ({ outcome: { kind: 'failed' }, label, cause })
  const deadline = AbortSignal.timeout(service.timeoutMs)
  let answer: OutboundAnswer
  try {
    const response = await fetchBounded(request.url.href, {
      method: request.method,
      headers: { accept: 'application/json', ...request.headers },
      ...(request.form && { body: new URLSearchParams(request.form) }),
      signal: signal ? AbortSignal.any([deadline, signal]) : deadline,
    })
    answer = { status: response.status, headers: response.headers, text: await response.text() }
  } catch (error) {
    return failed(deadline.aborted ? 'timed_out' : 'unreachable', error)
  }
  const retryAfterSeconds = readRetryAfterSeconds(answer.headers, nowMs())
  const isTooManyRequests = answer.status === 429 || (answer.status === 503 && retryAfterSeconds !== undefined)
  if (isTooManyRequests || service.isThrottled?.(answer)) {
    const pauseSeconds = retryAfterSeconds ?? service.pauseSeconds ?? pauseSecondsDefault
    return { outcome: { kind: 'throttled', pauseSeconds }, label: 'throttled' }
  }
  if (answer.status >= 500) return failed('server_error', new Error(`"${service.name}" answered ${answer.status}`))
  try {
    const value = read(answer)
    return { outcome: { kind: 'answered' }, label: answer.status < 400 ? 'answered' : 'refused', value: () => value }
  } catch (error) {
    if (error instanceof MalformedAnswerError) return failed('malformed', error)
    const thrower = (): never => {
      throw error
    }
    return { outcome: { kind: 'answered' }, label: 'refused', value: thrower }
  }
}

/** Parses the JSON of an answer, for a schema of the caller to check. Throws `MalformedAnswerError`. */
export function parseAnswer(answer: OutboundAnswer): unknown {
  try {
    // Kakao sends ids beyond 2^53, which stay text.
    return JSON.parse(answer.text, keepLongIntegers as (key: string, value: unknown) => unknown) as unknown
  } catch {
    throw new MalformedAnswerError(`An answer of status ${answer.status} is not JSON`)
  }
}

function keepLongIntegers(_key: string, value: unknown, context?: { source?: string }): unknown {
  return typeof value === 'number' && !Number.isSafeInteger(value) && /^-?\d+$/.test(context?.source ?? '')
    ? context?.source
    : value
}
