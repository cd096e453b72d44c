import * as z from 'zod'

/** The faults of one call, as the real service shows them. */
export const MODEL_FAULTS = [
  /** 429 without retry-after. */
  'rate_limited',
  /** 429 with retry-after. */
  'rate_limited_with_retry_after',
  /** 429 that waiting does not solve. */
  'insufficient_quota',
  /** 401. */
  'invalid_api_key',
  /** 403. */
  'permission_denied',
  /** 404 of a model that was shut down. */
  'model_not_found',
  /** 500. */
  'server_error',
  /** 503. */
  'overloaded',
  /** No answer until the client times out. */
  'hang',
  /** The connection is reset in the middle of the body. */
  'reset',
  /** The output limit is reached in the middle of the JSON. */
  'truncated_json',
  /** Well-formed JSON that breaks the schema. */
  'schema_breaking',
  'refusal',
  'content_filter',
  'empty_output',
] as const

export type ModelFault = (typeof MODEL_FAULTS)[number]
export type ModelOutcome = 'ok' | ModelFault

export type ModelFaultSettings = {
  /** Delay before every answer. */
  latencyMs: number
  /** Delay between two chunks of a streamed answer. */
  chunkDelayMs: number
  /** Outcomes of the next calls, in order; `ok` lets a call through. */
  queue: ModelOutcome[]
  /** Share of calls (0..1) that get each fault, when the queue is empty. Shares add up to 1 at most. */
  rates: Partial<Record<ModelFault, number>>
  /** The Retry-After of `rate_limited_with_retry_after`. */
  retryAfterSeconds: number
}

const rates = z
  .partialRecord(z.enum(MODEL_FAULTS), z.number().min(0).max(1))
  .refine((shares) => Object.values(shares).reduce((sum, share) => sum + share, 0) <= 1, 'The rates add up to over 1.')

const settings = z.strictObject({
  latencyMs: z.number().min(0).optional(),
  chunkDelayMs: z.number().min(0).optional(),
  queue: z.array(z.enum(['ok', ...MODEL_FAULTS])).optional(),
  rates: rates.optional(),
  retryAfterSeconds: z.number().positive().optional(),
})

/** The same settings as `POST /_control` accepts them. */
const wireSettings = z
  .strictObject({
    latency_ms: settings.shape.latencyMs,
    chunk_delay_ms: settings.shape.chunkDelayMs,
    queue: settings.shape.queue,
    rates: settings.shape.rates,
    retry_after_seconds: settings.shape.retryAfterSeconds,
  })
  .transform(({ latency_ms, chunk_delay_ms, queue, rates, retry_after_seconds }) => ({
    latencyMs: latency_ms,
    chunkDelayMs: chunk_delay_ms,
    queue,
    rates,
    retryAfterSeconds: retry_after_seconds,
  }))

/** Parses untrusted JSON text; throws a ZodError or SyntaxError. */
export function parseFaultSettings(json: string): Partial<ModelFaultSettings> {
  return defined(wireSettings.parse(JSON.parse(json)))
}

/** Decides the outcome of each call. `random` returns numbers in [0, 1). */
export function createModelFaults(defaults: { latencyMs: number; random: () => number }) {
  const initial = (): ModelFaultSettings => ({
    latencyMs: defaults.latencyMs,
    chunkDelayMs: 0,
    queue: [],
    rates: {},
    retryAfterSeconds: 1,
  })
  let current = initial()
  return {
    /** Replaces the named settings and keeps the rest. */
    set(changes: Partial<ModelFaultSettings>): void {
      const { queue, ...rest } = defined(settings.parse(changes))
      current = { ...current, ...rest, queue: queue ? [...queue] : current.queue }
    },
    reset(): void {
      current = initial()
    },
    settings: (): ModelFaultSettings => structuredClone(current),
    next(): ModelOutcome {
      const queued = current.queue.shift()
      if (queued) return queued
      let left = defaults.random()
      for (const fault of MODEL_FAULTS) {
        left -= current.rates[fault] ?? 0
        if (left < 0) return fault
      }
      return 'ok'
    },
  }
}

/** An absent setting must not overwrite the current one. */
function defined<T extends object>(values: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  // The filter above the cast makes the narrower type true.
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]?: Exclude<T[K], undefined>
  }
}
