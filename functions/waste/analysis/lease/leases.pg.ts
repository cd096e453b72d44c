import { randomUUID } from 'node:crypto'
import type { JsonCloudEvent } from '../../../_lib/events/cloud-event.ts'
import { recordHandled } from '../../../_lib/messaging/inbox.pg.ts'
import type { Outbox } from '../../../_lib/messaging/outbox.pg.ts'
import type { Database } from '../../../_lib/stores/database.pg.ts'
import type { AnalysisStep } from '../../analysis-step.ts'
import { isHeld } from '../../job/columns.pg.ts'
import type { FailureReason } from '../../job/failure-reasons.ts'
import type { Lease } from '../../job/leased-job.ts'
import { type Claim, claimJob } from '../../job/statements/claim-job.pg.ts'
import { failJobs } from '../../job/statements/fail-jobs.pg.ts'
import { releaseForRetry, renewLease } from '../../job/statements/hold-job.pg.ts'
import { retryWhileUnavailable } from './retry-while-unavailable.ts'

export type Leases = {
  /**
   * Retries while PostgreSQL is unavailable, for half a lease but at most eight seconds: an attempt without an answer may
   * have leased the job.
   */
  claim: (jobId: string) => Promise<Claim>
  /** False when the lease is lost. */
  renew: (lease: Lease) => Promise<boolean>
  /** Releases the job and puts its command into the outbox, due after the delay, in one transaction. */
  releaseForRetry: (
    lease: Lease,
    event: JsonCloudEvent,
    delaySeconds: number,
    isFailedTry?: boolean,
  ) => Promise<boolean>
  /** Releases the job after a failed try, without a new command: the broker redelivers the current one. */
  release: (lease: Lease) => Promise<void>
  /** Ends the job as failed, and the event as handled. False when the lease is lost. */
  fail: (lease: Lease, event: JsonCloudEvent, reason: FailureReason) => Promise<boolean>
}

// Longer than the deadline of one statement, so that a second attempt is possible, and shorter than that of any delivery.
const claimSecondsMax = 8

/** The operations on the lease of a job, each in one transaction with its events. */
export function createLeases(deps: {
  database: Database
  outbox: Outbox
  consumer: string
  leaseSeconds: number
  /** The step of the function, in the variant `stages`. */
  step?: AnalysisStep
  createClaimId?: () => string
}): Leases {
  const { database, outbox, consumer, leaseSeconds, step, createClaimId = randomUUID } = deps
  return {
    claim: (jobId) => {
      const claimId = createClaimId()
      // Ends while a lease from the first attempt would still last.
      const forMs = Math.min(claimSecondsMax, leaseSeconds / 2) * 1000
      return retryWhileUnavailable(forMs, () =>
        database.run((db) => claimJob(db, jobId, { claimId, leaseSeconds, step })),
      )
    },
    renew: (lease) => database.run((db) => renewLease(db, lease, leaseSeconds)),
    releaseForRetry: (lease, event, delaySeconds, isFailedTry = false) =>
      database.transaction(async (tx) => {
        if (!(await releaseForRetry(tx, lease, { delaySeconds, isFailedTry }))) return false
        await outbox.append(tx, withoutRedrives(event), delaySeconds)
        return true
      }),
    release: async (lease) => {
      await database.run((db) => releaseForRetry(db, lease, { delaySeconds: 0, isFailedTry: true }))
    },
    fail: (lease, event, reason) =>
      database.transaction(async (tx) => {
        if ((await failJobs(tx, isHeld(lease), reason)) !== 1) return false
        await recordHandled(tx, consumer, event)
        return true
      }),
  }
}

/** Removes `redrives`: a dead letter of a command from the redriver must not be taken for one of this command. */
function withoutRedrives(event: JsonCloudEvent): JsonCloudEvent {
  const { redrives: _, ...extensions } = event.extensions
  return { ...event, extensions }
}
