import { ProblemError } from '../../_lib/http/errors.ts'

export type Backlog = {
  /** Jobs with a photo that have not ended, without those that are late. */
  waiting: number
  /** Late jobs, which go after new ones. */
  late: number
  /** People who have just opened a job and are uploading its photo. */
  uploading: number
  /** Jobs opened in the last 30 s that wait for their photo, several of one person included. */
  opened: number
  /** The age of the oldest fresh job. */
  oldestSeconds: number
  /** Analyses that ended, completed or failed. */
  endedInTenSeconds: number
  endedInAMinute: number
}

export type AdmissionLimits = {
  /** Below the maximum length of the queue, less what may be admitted between two counts. */
  waitingMax: number
  /** Below the time that an event may stay in the queue. */
  waitSecondsMax: number
  /** The rate that is assumed until a whole minute was measured. */
  perSecondExpected: number
}

/** Admitted at any rate, so that there is a rate to measure. */
export const alwaysAdmitted = 50
export const retryAfterSecondsMax = 60
const measuredSeconds = 60

/** `Retry-After` for the first unfinished job of a person and for a further one; 0 admits it. */
export type RetryAfter = { firstSeconds: number; furtherSeconds: number }

/** The `Retry-After` of a refused client in seconds; 0 when another job would end in time. */
export function assessBacklog(backlog: Backlog, limits: AdmissionLimits): RetryAfter {
  return {
    firstSeconds: assess(backlog, backlog.waiting + backlog.uploading, limits),
    // So that a crowd with several photos each is not counted as one photo each, and does not shut out people without a job.
    furtherSeconds: assess(backlog, backlog.waiting + Math.max(backlog.uploading, backlog.opened), limits),
  }
}

function assess(backlog: Backlog, expected: number, limits: AdmissionLimits): number {
  if (expected + backlog.late < Math.min(alwaysAdmitted, limits.waitingMax)) return 0
  const perSecond = drainPerSecond(backlog, limits)
  const capacity = Math.min(limits.waitingMax, perSecond * limits.waitSecondsMax)
  if (expected < capacity) return 0
  const excess = expected - capacity + 1
  return Math.min(retryAfterSecondsMax, Math.max(1, Math.ceil(excess / perSecond)))
}

/**
 * The rate of the last minute, when there was work for all of it. Before that the rate of the last ten seconds counts if it
 * is higher, so that a burst is not judged by the idle time before it.
 */
function drainPerSecond(backlog: Backlog, limits: AdmissionLimits): number {
  // Late jobs wait, and none completes.
  if (backlog.late > 0 && backlog.endedInAMinute === 0) return 0
  const ofMinute = backlog.endedInAMinute / measuredSeconds
  if (backlog.oldestSeconds >= measuredSeconds) return ofMinute
  return Math.max(ofMinute, backlog.endedInTenSeconds / 10, limits.perSecondExpected)
}

export type AdmissionDeps = {
  readBacklog: () => Promise<Backlog>
  limits: AdmissionLimits
  nowMs: () => number
  /** From 0 to 1. */
  random: () => number
}

/** The decision about a request, and `release`, which takes back its count when it opens no job. */
export type AdmissionDecision = RetryAfter & { release: () => void }

const recountAfterMs = 250
const countAgeMsMax = 2_000

/**
 * Decides whether a new job could end in time: 0, or the seconds of `Retry-After`, for a first and for a further job of a
 * person. All requests within 250 ms share a count, to which jobs admitted since are added. A request waits for a count
 * only when the last one is older than two seconds.
 */
export function createAdmission(deps: AdmissionDeps): () => Promise<AdmissionDecision> {
  let counted: { backlog: Backlog; startedMs: number } | undefined
  let counting: Promise<void> | undefined
  let admittedSince = 0

  const count = async () => {
    const startedMs = deps.nowMs()
    const before = admittedSince
    const backlog = await deps.readBacklog()
    counted = { backlog, startedMs }
    admittedSince -= before
  }

  return async () => {
    const ageMs = counted ? deps.nowMs() - counted.startedMs : Number.POSITIVE_INFINITY
    if (ageMs >= recountAfterMs) {
      counting ??= count().finally(() => {
        counting = undefined
      })
      if (ageMs >= countAgeMsMax) await counting
      // A failed count is repeated by the next request, and reported when the last count is too old.
      else counting.catch(() => undefined)
    }
    if (!counted) throw new Error('Jobs were counted, and there is no count')
    const { backlog } = counted
    const { uploading, opened } = backlog
    const since = { uploading: uploading + admittedSince, opened: opened + admittedSince }
    const retryAfter = assessBacklog({ ...backlog, ...since }, deps.limits)
    const isCounted = retryAfter.firstSeconds === 0
    if (isCounted) admittedSince += 1
    const random = deps.random()
    return {
      firstSeconds: spread(retryAfter.firstSeconds, random),
      furtherSeconds: spread(retryAfter.furtherSeconds, random),
      release: () => {
        if (isCounted) admittedSince = Math.max(0, admittedSince - 1)
      },
    }
  }
}

/** Adds up to half, so that clients refused together do not return together. */
const spread = (seconds: number, random: number) => Math.ceil(seconds * (1 + random / 2))

export const tooManyWaiting = (retryAfterSeconds: number) =>
  new ProblemError('unavailable', {
    reason: 'too_many_waiting',
    detail: {
      ko: '지금은 분석을 기다리는 사진이 너무 많아요. 조금 뒤에 다시 시도해 주세요.',
      en: 'Too many photos are waiting for their analysis. Please try again shortly.',
    },
    retryAfterSeconds,
  })
