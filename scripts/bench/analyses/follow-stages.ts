import { Redis } from 'ioredis'
import { redisDatabase } from '../../../functions/_contracts/redis-databases.ts'
import type { Stage } from '../../../functions/waste/job/job.ts'
import type { JobSnapshot } from '../../../functions/waste/snapshot/job-snapshot.ts'
import { channelOf } from '../../../functions/waste/snapshot/snapshots.redis.ts'

export type StageLog = {
  /** Durations of each stage in milliseconds, one for each job that finished it. */
  durations: () => ReadonlyMap<Stage, readonly number[]>
  close: () => Promise<void>
}

/** Subscribes to the progress messages of all jobs and records when each stage began. */
export async function followStages(redisUrl: string): Promise<StageLog> {
  const redis = new Redis(redisUrl, { db: redisDatabase.progress })
  const jobs = new Map<string, { stage: Stage; atMs: number }[]>()
  redis.on('pmessage', (_pattern: string, _channel: string, text: string) => {
    const { jobId, stage, updatedAt } = JSON.parse(text) as JobSnapshot
    const stages = jobs.get(jobId) ?? []
    jobs.set(jobId, stages)
    stages.push({ stage, atMs: Date.parse(updatedAt) })
  })
  await redis.psubscribe(channelOf('*'))
  return {
    durations: () => {
      const durations = new Map<Stage, number[]>()
      for (const stages of jobs.values()) {
        for (const [place, { stage, atMs }] of stages.entries()) {
          const next = stages[place + 1]
          if (next) durations.set(stage, [...(durations.get(stage) ?? []), next.atMs - atMs])
        }
      }
      return durations
    },
    close: async () => redis.disconnect(),
  }
}
