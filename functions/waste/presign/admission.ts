import { ProblemError } from '../../_lib/http/errors.ts'

export type Backlog = {
  /** Jobs with a photo that have not ended, without those that are late. */
  waiting: number
  /** Jobs that something has held up, and that let new ones pass. */
  late: number
  /** People who have just opened a job, and are about to send its photo. */
  sending: number
  /** Jobs that were opened in the same seconds and wait for their photo, several of one person included. */
  opened: number
  /** Since when the one that has waited longest has been queued. */
  oldestSeconds: number
  /** Analyses that ended lately, well or not. */
  endedInTenSeconds: number
  endedInAMinute: number
}

export type AdmissionLimits = {
  /** Below the greatest length of the queue, by what may be admitted between two counts. */
  waitingMax: number
  /** Below the time that an event may stay in the queue. */
  waitSecondsMax: number
  /** Taken for granted until the work of a whole minute could be measured. */
  perSecondExpected: number
}

/** However slowly work ends, so few are let in that there is something to measure. */
export const alwaysAdmitted = 50
export const retryAfterSecondsMax = 60
const measuredSeconds = 60

/** For a person without an unfinished job, and for one who has some and wants one more. */
export type Wait = { firstSeconds: number; furtherSeconds: number }

/** Seconds after which a client that is refused should ask again; 0 when a further job would end in time. */
export function assessBacklog(backlog: Backlog, limits: AdmissionLimits): Wait {
  return {
    firstSeconds: assess(backlog, backlog.waiting + backlog.sending, limits),
    // So that neither a crowd with several photos each is let in as if they had one, nor what they open refuses others.
    furtherSeconds: assess(backlog, backlog.waiting + Math.max(backlog.sending, backlog.opened), limits),
  }
}

function assess(backlog: Backlog, expected: number, limits: AdmissionLimits): number {
  if (expected + backlog.late < Math.min(alwaysAdmitted, limits.waitingMax)) return 0
  const perSecond = drainPerSecond(backlog, limits)
  const roomFor = Math.min(limits.waitingMax, perSecond * limits.waitSecondsMax)
  if (expected < roomFor) return 0
  const tooMany = expected - roomFor + 1
  return Math.min(retryAfterSecondsMax, Math.max(1, Math.ceil(tooMany / perSecond)))
}

/**
 * What a minute has shown, when there was work all the time. Before that the last seconds count if they were better: a burst
 * that has only begun must not be judged by the quiet before it.
 */
function drainPerSecond(backlog: Backlog, limits: AdmissionLimits): number {
  // Work is held up, and none of it gets done.
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

/** What was said, and how to take it back: a request that then opened no job is counted no longer. */
export type Turn = Wait & { release: () => void }

const countedAgainMs = 250
const countUsedMsMax = 2_000

/**
 * Tells whether new work could end in time: 0, or the seconds after which to ask again, for a first and for a further job of a
 * person. The count is shared by the requests of a quarter of a second, to which those admitted since are added. No request
 * waits for it, unless there is none of the last two seconds.
 */
export function createAdmission(deps: AdmissionDeps): () => Promise<Turn> {
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
    if (ageMs >= countedAgainMs) {
      counting ??= count().finally(() => {
        counting = undefined
      })
      if (ageMs >= countUsedMsMax) await counting
      // What fails is tried again by the next request, and by the one that finds the count too old.
      else counting.catch(() => undefined)
    }
    if (!counted) throw new Error('Jobs were counted, and there is no count')
    const { backlog } = counted
    const { sending, opened } = backlog
    const since = { sending: sending + admittedSince, opened: opened + admittedSince }
    const wait = assessBacklog({ ...backlog, ...since }, deps.limits)
    const isCounted = wait.firstSeconds === 0
    if (isCounted) admittedSince += 1
    const random = deps.random()
    return {
      firstSeconds: spread(wait.firstSeconds, random),
      furtherSeconds: spread(wait.furtherSeconds, random),
      release: () => {
        if (isCounted) admittedSince = Math.max(0, admittedSince - 1)
      },
    }
  }
}

/** Up to half as long again, so that those refused together do not come back together. */
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
