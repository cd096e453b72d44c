/** The call rate that a service allows, and when a probe of it counts as lost. Times are in seconds. */
export type OutboundLimits = {
  /** Calls a second on average, of all workers together. */
  callsPerSecond: number
  /** Capacity of the bucket: the largest burst of calls. */
  callsAtOnceMax: number
  /** A probe that is not settled after this time counts as lost. Longer than one call takes. */
  probeSeconds: number
}

/** The rate limiter and circuit breaker of one service, as its row holds them. Moments are seconds since 1970 by the clock of the database. */
export type CircuitState = {
  tokens: number
  refilledAt: number
  pausedUntil: number | null
  windowBeganAt: number
  succeeded: number
  failed: number
  /** Null while the circuit is closed. */
  openUntil: number | null
  openings: number
  probeNo: number
  probeUntil: number | null
}

/** `probeNo` is defined for the one call that decides whether an open circuit closes. */
export type Admitted = { kind: 'admitted'; probeNo: number | undefined }
export type RefusalReason = 'no_token' | 'paused' | 'circuit_open'
export type Admission = Admitted | { kind: 'refused'; reason: RefusalReason; waitSeconds: number }

/** The outcome of a call for the circuit breaker: a 4xx is an answer too, since the service works. */
export type CallOutcome = { kind: 'answered' } | { kind: 'failed' } | { kind: 'throttled'; pauseSeconds: number }

const windowSeconds = 60
/** Fewer calls in a window do not open the circuit. */
const judgedCallsMin = 8
const failureShareMax = 0.5
const openSeconds = 15
const openSecondsMax = 300

/**
 * Decides whether one more call may begin at `now` (seconds since 1970): no pause is in force, the circuit is closed or ready for a
 * probe, and the bucket holds a token. Returns the decision, with `waitSeconds` until it can change, and the state to store. Pure.
 */
export function admitCall(
  state: CircuitState,
  limits: OutboundLimits,
  now: number,
): { admission: Admission; state: CircuitState } {
  const refilled = Math.max(0, now - state.refilledAt) * limits.callsPerSecond
  const tokens = Math.min(limits.callsAtOnceMax, state.tokens + refilled)
  const next = { ...state, tokens, refilledAt: now }
  const refuse = (reason: RefusalReason, until: number) => ({
    admission: { kind: 'refused' as const, reason, waitSeconds: Math.max(0, until - now) },
    state: next,
  })
  if (state.pausedUntil !== null && state.pausedUntil > now) return refuse('paused', state.pausedUntil)
  if (state.openUntil !== null && state.openUntil > now) return refuse('circuit_open', state.openUntil)
  const isProbe = state.openUntil !== null
  if (isProbe && state.probeUntil !== null && state.probeUntil > now) return refuse('circuit_open', state.probeUntil)
  if (tokens < 1) return refuse('no_token', now + (1 - tokens) / limits.callsPerSecond)
  const taken = { ...next, tokens: tokens - 1 }
  if (!isProbe) return { admission: { kind: 'admitted', probeNo: undefined }, state: taken }
  const probeNo = state.probeNo + 1
  return {
    admission: { kind: 'admitted', probeNo },
    state: { ...taken, probeNo, probeUntil: now + limits.probeSeconds },
  }
}

/**
 * Returns the state to store when an admitted call has ended at `now` (seconds since 1970). The circuit opens when at least half of
 * eight or more calls of a minute fail, and only its probe closes it again. Pure.
 */
export function settleCall(state: CircuitState, admitted: Admitted, outcome: CallOutcome, now: number): CircuitState {
  if (outcome.kind === 'throttled') {
    const pausedUntil = Math.max(state.pausedUntil ?? 0, now + outcome.pauseSeconds)
    // The service answers, so the next probe may begin when the pause is over.
    return { ...state, pausedUntil, ...(isPresentProbe(state, admitted) && { probeUntil: null }) }
  }
  const isFailure = outcome.kind === 'failed'
  if (state.openUntil !== null) {
    // A call from before the circuit opened, or a probe that counts as lost, does not change it.
    if (!isPresentProbe(state, admitted)) return state
    return isFailure ? open(state, now) : { ...close(state), windowBeganAt: now, succeeded: 1, failed: 0 }
  }
  const isNewWindow = now - state.windowBeganAt > windowSeconds
  const counted = {
    ...state,
    windowBeganAt: isNewWindow ? now : state.windowBeganAt,
    succeeded: (isNewWindow ? 0 : state.succeeded) + (isFailure ? 0 : 1),
    failed: (isNewWindow ? 0 : state.failed) + (isFailure ? 1 : 0),
  }
  const calls = counted.succeeded + counted.failed
  const isDown = isFailure && calls >= judgedCallsMin && counted.failed / calls >= failureShareMax
  return isDown ? open(counted, now) : counted
}

const isPresentProbe = (state: CircuitState, { probeNo }: Admitted) =>
  state.openUntil !== null && probeNo === state.probeNo && state.probeUntil !== null

const open = (state: CircuitState, now: number): CircuitState => ({
  ...state,
  openUntil: now + Math.min(openSecondsMax, openSeconds * 2 ** Math.min(state.openings, 10)),
  openings: state.openings + 1,
  probeUntil: null,
})

const close = (state: CircuitState): CircuitState => ({ ...state, openUntil: null, openings: 0, probeUntil: null })
