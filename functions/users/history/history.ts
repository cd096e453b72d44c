import type { Position } from '../position.ts'
import { encodeCursor } from './cursor.ts'
import type { HistoryQuery } from './history-query.ts'

/** One analysis as the history lists it; all of it is at `GET /waste/result/{job_id}`. */
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
  /** The newest analyses first, after `query.cursor`, at most `limit`. */
  findAnalyses: (
    userId: string,
    query: Omit<HistoryQuery, 'limit'>,
    limit: number,
  ) => Promise<{ item: HistoryItem; position: Position }[]>
}

export type HistoryPage = { items: HistoryItem[]; next_cursor: string | null }

/**
 * One page of what a person had analysed. A page begins after the last item of the page before, not at a number: what arrives
 * meanwhile moves nothing, so every analysis that was there at the first page is listed once.
 */
export async function history(deps: HistoryDeps, input: { userId: string; query: HistoryQuery }): Promise<HistoryPage> {
  const { limit, ...query } = input.query
  // One more than asked for tells whether there is another page.
  const found = await deps.findAnalyses(input.userId, query, limit + 1)
  const page = found.slice(0, limit)
  const last = page.at(-1)
  return {
    items: page.map(({ item }) => item),
    next_cursor: found.length > limit && last ? encodeCursor(last.position) : null,
  }
}
