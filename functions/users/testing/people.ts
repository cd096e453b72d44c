import { randomUUID } from 'node:crypto'
import { createUuidV7 } from '../../_lib/http/uuid.ts'

export type TestAnalysis = {
  /** As text where milliseconds are too coarse. */
  analyzedAt: Date | string
  category: string
  recyclable: boolean
  itemName: string
}

export type People = {
  /** Inserts an account with one identity, as a first login does. */
  addAccount: (userId?: string, displayName?: string | null) => Promise<string>
  /** Inserts completed jobs with their results. Resolves to their ids, in the given order. */
  addAnalyses: (userId: string, analyses: readonly Partial<TestAnalysis>[]) => Promise<string[]>
  deleteJobs: (jobIds: readonly string[]) => Promise<void>
}

type Query = (text: string, values?: unknown[]) => Promise<unknown>

/** Creates the functions that insert rows of other domains for people. `query` runs as superuser. */
export function createPeople(query: Query): People {
  return {
    addAccount: async (userId = randomUUID(), displayName = '김하늘') => {
      await query('insert into auth.accounts (user_id, display_name) values ($1, $2)', [userId, displayName])
      await query(`insert into auth.identities (provider, subject, user_id) values ('kakao', $1, $2)`, [userId, userId])
      return userId
    },
    addAnalyses: async (userId, analyses) => {
      const rows = analyses.map((analysis) => ({
        job_id: createUuidV7(),
        analyzed_at: analysis.analyzedAt ?? new Date(),
        category: analysis.category ?? 'PAPER',
        recyclable: analysis.recyclable ?? true,
        item_name: analysis.itemName ?? '신문지',
      }))
      await query(insertAnalysesSql, [userId, JSON.stringify(rows)])
      return rows.map((row) => row.job_id)
    },
    deleteJobs: async (jobIds) => {
      await query('delete from waste.jobs where job_id = any($1::uuid[])', [jobIds])
    },
  }
}

const insertAnalysesSql = `
  with made as (
    select * from jsonb_to_recordset($2::jsonb)
      as made (job_id uuid, analyzed_at timestamptz, category text, recyclable boolean, item_name text)
  ), ended as (
    insert into waste.jobs (
      job_id, owner_id, state, slot, content_type, content_length, object_key, locale, event_id, traceparent,
      upload_expires_at, finished_at, stage, progress
    )
    select job_id, $1, 'completed', 1, 'image/jpeg', 1000, 'uploads/test', 'ko', job_id, '', analyzed_at, analyzed_at,
      'done', 100
    from made
  )
  insert into waste.results (
    job_id, owner_id, waste_type, category, recyclable, confidence, item_name, feedback, disposal_steps, nearby_bins,
    answered_by, model, image_sha256, analyzed_at
  )
  select job_id, $1, 'paper', category, recyclable, 0.9, item_name, '물기 없이 펴서 배출해 주세요.', '[]', '[]', 'model',
    'test', repeat('0', 64), analyzed_at
  from made`
