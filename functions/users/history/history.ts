import type { Position } from '../position.ts'
import { encodeCursor } from './cursor.ts'
import type { HistoryQuery } from './history-query.ts'

/** One analysis in the history; `GET /waste/result/{job_id}` returns the whole result. */
export type HistoryItem = {
  job_id: string
  waste_type: string
  category: string
  moved_to: string | null
  recyclable: boolean
  confidence: number
  item_name: string
  feedback: string
  /** RFC 3339, UTC. */
  analyzed_at: string
}

export type HistoryDeps = {
  /** Resolves to at most `limit` analyses after `query.cursor`, newest first. */
  findAnalyses: (
    userId: string,
    query: Omit<HistoryQuery, 'limit'>,
    limit: number,
  ) => Promise<{ item: HistoryItem; position: Position }[]>
}

export type HistoryPage = { items: HistoryItem[]; next_cursor: string | null }

/**
 * Returns one page of the analyses of a person, by keyset pagination: a page begins after the last item of the previous one. New
 * analyses do not shift the pages, so every analysis that existed at the first page is listed exactly once.
 */
export async function history(deps: HistoryDeps, input: { userId: string; query: HistoryQuery }): Promise<HistoryPage> {
  const { limit, ...query } = input.query
  // One more than requested shows whether there is another page.
  const found = await deps.findAnalyses(input.userId, query, limit + 1)
  const page = found.slice(0, limit)
  const last = page.at(-1)
  return {
    items: page.map(({ item }) => item),
    next_cursor: found.length > limit && last ? encodeCursor(last.position) : null,
  }
}
