import type { SortedSet } from './sorted-set.ts'

export type StoredValue =
  | { type: 'string'; bytes: string }
  | { type: 'hash'; fields: Map<string, string> }
  | { type: 'set'; members: Set<string> }
  | { type: 'zset'; scored: SortedSet }
  | { type: 'list'; items: string[] }

export type ValueOf<Type extends StoredValue['type']> = Extract<StoredValue, { type: Type }>

const KEY_OVERHEAD_BYTES = 96
const ELEMENT_OVERHEAD_BYTES = 48
const SAMPLED_ELEMENTS = 5

export function isEmptyValue(value: StoredValue): boolean {
  return value.type !== 'string' && countElements(value) === 0
}

/** About how much memory a key takes. Of a collection only the first elements are weighed, as MEMORY USAGE does. */
export function estimateSizeBytes(key: string, value: StoredValue): number {
  const fixedBytes = KEY_OVERHEAD_BYTES + key.length
  if (value.type === 'string') return fixedBytes + value.bytes.length
  const count = countElements(value)
  let sampled = 0
  let sampledBytes = 0
  for (const bytes of elementSizes(value)) {
    sampled += 1
    sampledBytes += bytes
    if (sampled === SAMPLED_ELEMENTS) break
  }
  return fixedBytes + Math.ceil(count * (ELEMENT_OVERHEAD_BYTES + sampledBytes / Math.max(sampled, 1)))
}

function countElements(value: Exclude<StoredValue, { type: 'string' }>): number {
  switch (value.type) {
    case 'hash':
      return value.fields.size
    case 'set':
      return value.members.size
    case 'zset':
      return value.scored.size()
    case 'list':
      return value.items.length
  }
}

function* elementSizes(value: Exclude<StoredValue, { type: 'string' }>): Generator<number> {
  if (value.type === 'hash') for (const [field, bytes] of value.fields) yield field.length + bytes.length
  if (value.type === 'set') for (const member of value.members) yield member.length
  if (value.type === 'zset') for (const member of value.scored.members()) yield member.length + 8
  if (value.type === 'list') for (const item of value.items) yield item.length
}
