import type { SeenImage } from './answer/answer-request.ts'
import type { ModelOutcome } from './faults.ts'
import type { Usage } from './wire/usage.ts'

const RECENT_MAX = 200

export type CallRecord = {
  requestId: string
  path: string
  /** RFC 3339 */
  at: string
  model: string | null
  outcome: ModelOutcome
  /** HTTP status, or null when the call got no complete answer. */
  status: number | null
  images: { sha256: string; width: number; height: number; hasExif: boolean }[]
}

export type ModelCalls = {
  /** Authenticated POST calls, those that failed by a fault included. */
  total: number
  inFlight: number
  inFlightMax: number
  byPath: Record<string, number>
  byOutcome: Partial<Record<ModelOutcome, number>>
  byStatus: Record<string, number>
  /** Pictures that arrived with EXIF, which may contain a location. */
  imagesWithExif: number
  inputTokens: number
  outputTokens: number
  reasoningTokens: number
  /** The newest calls, oldest first, 200 at most. */
  recent: CallRecord[]
}

const nothing = (): ModelCalls => ({
  total: 0,
  inFlight: 0,
  inFlightMax: 0,
  byPath: {},
  byOutcome: {},
  byStatus: {},
  imagesWithExif: 0,
  inputTokens: 0,
  outputTokens: 0,
  reasoningTokens: 0,
  recent: [],
})

/** Counts the calls of the simulator. */
export function createCallLog() {
  let calls = nothing()
  return {
    /** Returns the record to complete and the function that ends the call. */
    begin(fields: Pick<CallRecord, 'requestId' | 'path' | 'at' | 'outcome'>): { record: CallRecord; end: () => void } {
      const counted = calls
      const record: CallRecord = { ...fields, model: null, status: null, images: [] }
      counted.total += 1
      counted.inFlight += 1
      counted.inFlightMax = Math.max(counted.inFlightMax, counted.inFlight)
      counted.byPath[record.path] = (counted.byPath[record.path] ?? 0) + 1
      counted.byOutcome[record.outcome] = (counted.byOutcome[record.outcome] ?? 0) + 1
      counted.recent.push(record)
      if (counted.recent.length > RECENT_MAX) counted.recent.shift()
      const end = () => {
        counted.inFlight -= 1
        const status = String(record.status ?? 'none')
        counted.byStatus[status] = (counted.byStatus[status] ?? 0) + 1
      }
      return { record, end }
    },
    see(record: CallRecord, images: SeenImage[], usage: Usage): void {
      record.images = images.map(({ sha256, width, height, hasExif }) => ({ sha256, width, height, hasExif }))
      calls.imagesWithExif += images.filter(({ hasExif }) => hasExif).length
      calls.inputTokens += usage.inputTokens
      calls.outputTokens += usage.outputTokens
      calls.reasoningTokens += usage.reasoningTokens
    },
    calls: (): ModelCalls => structuredClone(calls),
    inFlight: () => calls.inFlight,
    reset(): void {
      calls = nothing()
    },
  }
}
