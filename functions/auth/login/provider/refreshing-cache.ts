export type RefreshingCacheOptions<Value> = { read: () => Promise<Value>; nowMs: () => number }

export type RefreshingCache<Value> = {
  /** Resolves to the value, read again when it is ten minutes old. A stale value is served while reading fails. Throws what `read` threw. */
  get: () => Promise<Value>
  /** Reads a newer value unless the last read was less than 30 s ago. Throws what `read` threw when the last read failed. */
  getNewer: () => Promise<Value>
}

const freshMs = 600_000
// Kakao blocks clients that read its keys too often; neither tokens with unknown keys nor an outage may cause that.
const cooldownMs = 30_000
// A key that a provider has withdrawn must not be trusted forever because its server is unavailable.
const trustedMsMax = 86_400_000

/**
 * Caches a value that seldom changes at a provider, such as its keys. Concurrent callers share one read, and reads are at least
 * 30 s apart. A value that could not be read again for a day is not served any more.
 */
export function createRefreshingCache<Value>({ read, nowMs }: RefreshingCacheOptions<Value>): RefreshingCache<Value> {
  let cached: { value: Value; atMs: number } | undefined
  let failure: { cause: unknown } | undefined
  let triedMs = Number.NEGATIVE_INFINITY
  let reading: Promise<void> | undefined

  const readOnce = async () => {
    triedMs = nowMs()
    try {
      cached = { value: await read(), atMs: nowMs() }
      failure = undefined
    } catch (cause) {
      failure = { cause }
    } finally {
      reading = undefined
    }
  }
  const refresh = () => (reading ??= readOnce())
  const mayRefresh = () => reading !== undefined || nowMs() - triedMs >= cooldownMs
  const ageMs = () => (cached ? nowMs() - cached.atMs : Number.POSITIVE_INFINITY)

  const get = async () => {
    if (ageMs() >= trustedMsMax || (ageMs() >= freshMs && mayRefresh())) await refresh()
    if (!cached || ageMs() >= trustedMsMax) throw failure?.cause
    return cached.value
  }
  return {
    get,
    getNewer: async () => {
      if (mayRefresh()) await refresh()
      if (failure) throw failure.cause
      return await get()
    },
  }
}
