/** What a service outside bears, and when it counts as down. Times are in seconds. */
export type OutsideLimits = {
  /** Calls a second in the long run, all workers together. */
  callsPerSecond: number
  /** Calls at once after a quiet time. */
  callsAtOnceMax: number
  /** After this a probe that nobody has heard of again counts as lost. Longer than one call takes. */
  probeSeconds: number
}

/** The row of one service. Moments are seconds since 1970 by the clock of the database. */
export type GateState = {
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

/** `probeNo` is there for the one call that decides whether an open circuit closes. */
export type Admitted = { kind: 'admitted'; probeNo: number | undefined }
export type PutOffReason = 'no_token' | 'paused' | 'circuit_open'
export type Admission = Admitted | { kind: 'refused'; reason: PutOffReason; waitSeconds: number }

/** How a call ended, as far as the service is judged by it: a refusal of what was asked is an answer too. */
export type CallOutcome = { kind: 'answered' } | { kind: 'failed' } | { kind: 'throttled'; pauseSeconds: number }

const windowSeconds = 60
/** Fewer calls say nothing about a service. */
const judgedCallsMin = 8
const failureShareMax = 0.5
const openSeconds = 15
const openSecondsMax = 300

/** Whether one more call may begin now, and what the row is afterwards. */
export function admitCall(
  state: GateState,
  limits: OutsideLimits,
  now: number,
): { admission: Admission; state: GateState } {
  const refilled = Math.max(0, now - state.refilledAt) * limits.callsPerSecond
  const tokens = Math.min(limits.callsAtOnceMax, state.tokens + refilled)
  const next = { ...state, tokens, refilledAt: now }
  const refuse = (reason: PutOffReason, until: number) => ({
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

/** What the row is once a call has ended. */
export function settleCall(state: GateState, admitted: Admitted, outcome: CallOutcome, now: number): GateState {
  if (outcome.kind === 'throttled') {
    const pausedUntil = Math.max(state.pausedUntil ?? 0, now + outcome.pauseSeconds)
    // The service lives, and the next probe may ask once the pause is over.
    return { ...state, pausedUntil, ...(isPresentProbe(state, admitted) && { probeUntil: null }) }
  }
  const isFailure = outcome.kind === 'failed'
  if (state.openUntil !== null) {
    // A call from before the circuit opened says nothing new, nor does a probe that was given up.
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

const isPresentProbe = (state: GateState, { probeNo }: Admitted) =>
  state.openUntil !== null && probeNo === state.probeNo && state.probeUntil !== null

const open = (state: GateState, now: number): GateState => ({
  ...state,
  openUntil: now + Math.min(openSecondsMax, openSeconds * 2 ** Math.min(state.openings, 10)),
  openings: state.openings + 1,
  probeUntil: null,
})

const close = (state: GateState): GateState => ({ ...state, openUntil: null, openings: 0, probeUntil: null })
