/** Keys of the analysis cache in Redis. The scope is the version of the prompt and the model: another one is another answer. */
export const exactKey = (scope: string, sha256: string) => `exact:${scope}:${sha256}`
export const photoKey = (scope: string, member: string) => `photo:${scope}:${member}`
/** A photo of one person; the mark says that two are of the same, not whose. */
export const memberOf = (perceptualHash: string, sha256: string, personHash: string) =>
  `${perceptualHash}:${sha256}:${personHash}`

export function readMember(member: string): { perceptualHash: string; personHash: string } | undefined {
  const [, perceptualHash, personHash] = /^([0-9a-f]{64}):[^:]+:([0-9a-f]+)$/.exec(member) ?? []
  return perceptualHash && personHash ? { perceptualHash, personHash } : undefined
}

/** A set of members, each a photo that shares the band: its place in the hash, and its digits. */
export const segmentKey = (scope: string, index: number, band: string) => `band:${scope}:${index}:${band}`

export const everySegmentKey = 'band:*'

/** The scope of a key of `segmentKey`; the band itself is `<place>:<digits>`. */
export function scopeOfSegmentKey(key: string): string | undefined {
  return /^band:(.+):\d+:[0-9a-f]+:[0-9a-f]+$/.exec(key)?.[1]
}
