import { and, eq, sql } from 'drizzle-orm'
import type { Database } from '../../_lib/stores/database.pg.ts'
import type { AnalysisResult } from '../analysis-result.ts'
import type { FailureReason } from '../job/failure-reasons.ts'
import type { Stage } from '../job/job.ts'
import { isLate } from '../job/late-job.pg.ts'
import { jobs, results } from '../schema.ts'
import type { JobSnapshot } from './job-snapshot.ts'

/** Reads a job of `ownerId`. Undefined for the job of another person, and for one that does not exist. */
export type FindSnapshot = (jobId: string, ownerId: string) => Promise<JobSnapshot | undefined>

export function createSnapshotReader(database: Database): FindSnapshot {
  return async (jobId, ownerId) => {
    // By the builder in spite of the `case`: every column of a result comes with its type of schema.ts, JSON and times among them.
    const [row] = await database.run((db) =>
      db
        .select({
          state: jobs.state,
          stage: sql<Stage>`case when ${jobs.state} = 'queued' and ${isLate} then 'late' else ${jobs.stage} end`,
          progress: jobs.progress,
          failureReason: jobs.failureReason,
          updatedAt: jobs.updatedAt,
          result: results,
        })
        .from(jobs)
        .leftJoin(results, eq(results.jobId, jobs.jobId))
        .where(and(eq(jobs.jobId, jobId), eq(jobs.ownerId, ownerId))),
    )
    if (!row) return undefined
    return {
      jobId,
      ownerId,
      state: row.state,
      stage: row.stage,
      progress: row.progress,
      failureReason: row.failureReason as FailureReason | null,
      updatedAt: row.updatedAt.toISOString(),
      result: row.result && renderResult(row.result),
    }
  }
}

export function renderResult(row: typeof results.$inferSelect): AnalysisResult {
  return {
    job_id: row.jobId,
    waste_type: row.wasteType,
    category: row.category,
    moved_to: row.movedTo,
    recyclable: row.recyclable,
    confidence: row.confidence,
    item_name: row.itemName,
    feedback: row.feedback,
    disposal_steps: row.disposalSteps,
    nearby_bins: row.nearbyBins,
    answered_by: row.answeredBy,
    model: row.model,
    analyzed_at: row.analyzedAt.toISOString(),
  }
}
