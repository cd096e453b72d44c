export type StoredValue = { type: 'string'; bytes: string } | { type: 'set'; members: Set<string> }

export type ValueOf<Type extends StoredValue['type']> = Extract<StoredValue, { type: Type }>

const KEY_OVERHEAD_BYTES = 96
const ELEMENT_OVERHEAD_BYTES = 48
const SAMPLED_ELEMENTS = 5

export const isEmptyValue = (value: StoredValue): boolean => value.type === 'set' && value.members.size === 0

/** Approximate memory of a key. Of a set only the first members are counted, as MEMORY USAGE does. */
export function estimateSizeBytes(key: string, value: StoredValue): number {
  const fixedBytes = KEY_OVERHEAD_BYTES + key.length
  if (value.type === 'string') return fixedBytes + value.bytes.length
  const sampled: string[] = []
  for (const member of value.members) if (sampled.push(member) === SAMPLED_ELEMENTS) break
  const sampledBytes = sampled.reduce((sum, member) => sum + member.length, 0)
  return (
    fixedBytes + Math.ceil(value.members.size * (ELEMENT_OVERHEAD_BYTES + sampledBytes / Math.max(sampled.length, 1)))
  )
}
