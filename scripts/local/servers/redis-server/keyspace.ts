import { estimateSizeBytes, isEmptyValue, type StoredValue } from './stored-value.ts'

export type Entry = {
  value: StoredValue
  expiresAtMs: number | undefined
  /** Grows with every use of any key; the smallest is the least recently used. */
  usedAtTick: number
  /** Grows with every new key, so that SCAN can continue after any key. */
  sequence: number
  sizeBytes: number
}

export type KeyspaceOptions = {
  now: () => number
  /** A clock shared by all databases that only counts uses. */
  tick: () => number
}

/** The keys of one numbered database. */
export type Keyspace = ReturnType<typeof createKeyspace>

export function createKeyspace({ now, tick }: KeyspaceOptions) {
  const entries = new Map<string, Entry>()
  const volatile = new Set<string>()
  let usedBytes = 0
  let lastSequence = 0

  function drop(key: string): boolean {
    const entry = entries.get(key)
    if (!entry) return false
    usedBytes -= entry.sizeBytes
    entries.delete(key)
    volatile.delete(key)
    return true
  }

  const isExpired = (entry: Entry) => entry.expiresAtMs !== undefined && entry.expiresAtMs <= now()

  function peek(key: string): Entry | undefined {
    const entry = entries.get(key)
    if (!entry || !isExpired(entry)) return entry
    drop(key)
    return undefined
  }

  function setExpiry(key: string, expiresAtMs: number | undefined) {
    const entry = peek(key)
    if (!entry) return
    entry.expiresAtMs = expiresAtMs
    if (expiresAtMs === undefined) volatile.delete(key)
    else volatile.add(key)
    peek(key)
  }

  return {
    /** The entry of a key that has not expired, without counting as a use. */
    peek,
    /** The entry of a key that has not expired. */
    find(key: string): Entry | undefined {
      const entry = peek(key)
      if (entry) entry.usedAtTick = tick()
      return entry
    },
    /** Replaces a whole value; without a time the key never expires. */
    put(key: string, value: StoredValue, expiresAtMs?: number) {
      const old = entries.get(key)
      const sizeBytes = estimateSizeBytes(key, value)
      usedBytes += sizeBytes - (old?.sizeBytes ?? 0)
      if (!old) lastSequence += 1
      const sequence = old?.sequence ?? lastSequence
      entries.set(key, { value, expiresAtMs: undefined, usedAtTick: tick(), sequence, sizeBytes })
      setExpiry(key, expiresAtMs)
    },
    /** Must be called after a collection was changed in place: an empty one is removed. */
    resized(key: string) {
      const entry = entries.get(key)
      if (!entry) return
      if (isEmptyValue(entry.value)) {
        drop(key)
        return
      }
      const sizeBytes = estimateSizeBytes(key, entry.value)
      usedBytes += sizeBytes - entry.sizeBytes
      entry.sizeBytes = sizeBytes
    },
    delete: (key: string): boolean => peek(key) !== undefined && drop(key),
    /** Sets or, with undefined, removes the time at which a key expires. */
    setExpiry,
    /** Keys in the order of creation, with the sequence after which a scan continues. */
    *keys(afterSequence = 0): Generator<[key: string, sequence: number]> {
      for (const [key, entry] of entries) {
        if (entry.sequence > afterSequence && peek(key)) yield [key, entry.sequence]
      }
    },
    /** The names of all keys, or of those that expire, for the expiry and eviction cycles. */
    *names(only: 'volatile' | 'any'): Generator<string> {
      yield* only === 'volatile' ? volatile : entries.keys()
    },
    /** Counts keys that have expired but were not yet removed, as DBSIZE does. */
    size: () => entries.size,
    volatileSize: () => volatile.size,
    usedBytes: () => usedBytes,
    clear() {
      for (const key of [...entries.keys()]) drop(key)
    },
  }
}
