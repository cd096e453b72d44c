import { sql } from 'drizzle-orm'
import { recordHandled } from '../../../_lib/messaging/inbox.pg.ts'
import type { Database, Queries } from '../../../_lib/stores/database.pg.ts'
import type { AnalysisResult } from '../../analysis-result.ts'
import { isOfLease } from '../../job/columns.pg.ts'
import type { LeasedJob } from '../../job/leased-job.ts'
import { completeJob } from '../../job/statements/hold-job.pg.ts'
import { results } from '../../schema.ts'
import type { AnalysisRun } from '../lease/analysis-run.ts'
import type { ModelCall } from '../model/ask-model.ts'
import { usageColumns } from '../model/model-calls.pg.ts'

export type FoundResult = Omit<AnalysisResult, 'job_id' | 'analyzed_at'> & {
  imageSha256: string
  /** The call that produced this answer; undefined for a known answer. */
  modelCall: ModelCall | undefined
}

/**
 * Ends the job with its answer, once. Resolves to the saved result; undefined when the lease is lost, and nothing is
 * written.
 */
export type SaveResult = (
  run: Pick<AnalysisRun, 'job' | 'event'>,
  found: FoundResult,
) => Promise<AnalysisResult | undefined>

export function createResultSaver(database: Database, consumer: string): SaveResult {
  return ({ job, event }, { imageSha256, modelCall, ...found }) =>
    database.transaction(async (tx) => {
      const analyzedAt = await completeJob(tx, job)
      if (!analyzedAt) return undefined
      await tx.insert(results).values({
        jobId: job.jobId,
        ownerId: job.ownerId,
        wasteType: found.waste_type,
        category: found.category,
        movedTo: found.moved_to,
        recyclable: found.recyclable,
        confidence: found.confidence,
        itemName: found.item_name,
        feedback: found.feedback,
        disposalSteps: found.disposal_steps,
        nearbyBins: found.nearby_bins,
        answeredBy: found.answered_by,
        model: found.model,
        imageSha256,
        analyzedAt,
      })
      if (modelCall) await endAnsweredCall(tx, job, modelCall)
      await recordHandled(tx, consumer, event)
      return { job_id: job.jobId, ...found, analyzed_at: analyzedAt.toISOString() }
    })
}

/** Closes the ledger entry of a call, in the transaction that keeps its answer. */
export async function endAnsweredCall(tx: Queries, job: LeasedJob, { usage }: ModelCall): Promise<void> {
  await tx.execute(sql`
    update waste.model_calls
    set ended_at = now(), outcome = 'answered', ${usageColumns(usage)}
    where ${isOfLease(job)}`)
}
