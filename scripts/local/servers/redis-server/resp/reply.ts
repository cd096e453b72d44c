/** One answer, before it is written in the protocol version of the connection. Strings hold one byte per character. */
export type Reply =
  | { kind: 'simple'; text: string }
  | { kind: 'error'; text: string }
  | { kind: 'integer'; value: number | bigint }
  | { kind: 'bulk'; bytes: string }
  | { kind: 'verbatim'; bytes: string }
  | { kind: 'null' }
  | { kind: 'array' | 'set' | 'push' | 'sequence'; items: readonly Reply[] }
  | { kind: 'map'; items: readonly Reply[] }

export const OK: Reply = { kind: 'simple', text: 'OK' }
export const NULL: Reply = { kind: 'null' }

export const simple = (text: string): Reply => ({ kind: 'simple', text })
export const error = (text: string): Reply => ({ kind: 'error', text })
export const integer = (value: number | bigint): Reply => ({ kind: 'integer', value })
export const bulk = (bytes: string): Reply => ({ kind: 'bulk', bytes })
export const bulkOrNull = (bytes: string | undefined): Reply => (bytes === undefined ? NULL : bulk(bytes))
export const verbatim = (bytes: string): Reply => ({ kind: 'verbatim', bytes })
export const array = (items: readonly Reply[]): Reply => ({ kind: 'array', items })
export const set = (items: readonly Reply[]): Reply => ({ kind: 'set', items })
export const push = (items: readonly Reply[]): Reply => ({ kind: 'push', items })
/** Several answers to one command, one after the other, as of SUBSCRIBE. */
export const sequence = (items: readonly Reply[]): Reply => ({ kind: 'sequence', items })
/** Keys and values alternate in `items`. */
export const map = (items: readonly Reply[]): Reply => ({ kind: 'map', items })
export const bulks = (items: Iterable<string>): Reply[] => Array.from(items, bulk)
