import type { Context, MiddlewareHandler } from 'hono'
import { ProblemError } from '../http/errors.ts'
import type { AppEnv } from '../http/http-app.ts'

export type RateLimitDecision = { allowed: boolean; remaining: number; resetSeconds: number }

/** Counts one use of `key` in a window of `windowSeconds`, and decides whether it is within `limit`. Never throws. */
export type CountUse = (key: string, limit: number, windowSeconds: number) => Promise<RateLimitDecision>

export type RateLimit = {
  /** Part of the key: `waste-presign`. */
  name: string
  limit: number
  windowSeconds: number
}

export type RateLimitOptions = RateLimit & {
  countUse: CountUse
  keyOf: (c: Context<AppEnv>) => string
}

/**
 * Middleware that counts a request by `keyOf` and adds `RateLimit-Policy` and `RateLimit` to its response
 * (draft-ietf-httpapi-ratelimit-headers). Throws `ProblemError` 429 beyond the limit.
 *
 * @example
 * app.use('/things', rateLimit({ name: 'things', limit: 60, windowSeconds: 60, countUse, keyOf: (c) => c.var.person.userId }))
 */
export function rateLimit(options: RateLimitOptions): MiddlewareHandler<AppEnv> {
  return async function rateLimited(c, next) {
    const headers = await spendUse(options, options.keyOf(c))
    await next()
    // Both fields are lists: a route may have several limits.
    for (const [header, value] of Object.entries(headers)) c.res.headers.append(header, value)
  }
}

/** Counts one use of `key`, and resolves to the `RateLimit` headers. Throws `ProblemError` 429 (`rate_limited`) beyond the limit. */
export async function spendUse(
  options: RateLimit & { countUse: CountUse },
  key: string,
): Promise<Record<string, string>> {
  const decision = await options.countUse(`${options.name}:${key}`, options.limit, options.windowSeconds)
  if (!decision.allowed) throw tooManyRequests(options, decision.resetSeconds)
  return headersOf(options, decision)
}

/** The `ProblemError` 429 for a use beyond the limit, with `resetSeconds` as its `Retry-After`. */
export const tooManyRequests = (limit: RateLimit, resetSeconds: number) =>
  new ProblemError('rate_limited', {
    reason: 'rate_limited',
    detail: {
      ko: `요청이 너무 많습니다. ${resetSeconds}초 뒤에 다시 시도해 주세요.`,
      en: `Too many requests. Try again in ${resetSeconds} s.`,
    },
    retryAfterSeconds: resetSeconds,
    headers: headersOf(limit, { remaining: 0, resetSeconds }),
  })

const headersOf = (
  { name, limit, windowSeconds }: RateLimit,
  { remaining, resetSeconds }: Omit<RateLimitDecision, 'allowed'>,
) => ({
  'ratelimit-policy': `"${name}";q=${limit};w=${windowSeconds}`,
  ratelimit: `"${name}";r=${remaining};t=${resetSeconds}`,
})

/** A `CountUse` that counts in fixed windows in the memory of this process. `now` returns milliseconds since 1970. */
export function createLocalCounter(now: () => number = Date.now): CountUse {
  const keysMax = 50_000
  const windows = new Map<string, { uses: number; endsMs: number }>()
  return async (key, limit, windowSeconds) => {
    const nowMs = now()
    let window = windows.get(key)
    if (!window || window.endsMs <= nowMs) {
      if (windows.size >= keysMax) windows.clear()
      window = { uses: 0, endsMs: nowMs + windowSeconds * 1000 }
      windows.set(key, window)
    }
    window.uses += 1
    return decide(window.uses, limit, window.endsMs - nowMs)
  }
}

/** Decides on the latest of `uses` in a window that ends in `remainingMs` milliseconds. `resetSeconds` is at least 1. */
export function decide(uses: number, limit: number, remainingMs: number): RateLimitDecision {
  return {
    allowed: uses <= limit,
    remaining: Math.max(0, limit - uses),
    resetSeconds: Math.max(1, Math.ceil(remainingMs / 1000)),
  }
}
