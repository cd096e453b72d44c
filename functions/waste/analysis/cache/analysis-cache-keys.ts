/** Keys of the analysis cache in Redis. The scope is the version of the prompt and the model: another one is another answer. */
export const exactKey = (scope: string, sha256: string) => `exact:${scope}:${sha256}`
export const photoKey = (scope: string, member: string) => `photo:${scope}:${member}`
/** A photo of one person; the mark says that two are of the same, not whose. */
export const memberOf = (perceptualHash: string, sha256: string, personMark: string) =>
  `${perceptualHash}:${sha256}:${personMark}`

export function readMember(member: string): { perceptualHash: string; personMark: string } | undefined {
  const [, perceptualHash, personMark] = /^([0-9a-f]{64}):[^:]+:([0-9a-f]+)$/.exec(member) ?? []
  return perceptualHash && personMark ? { perceptualHash, personMark } : undefined
}

/** A set of members, each a photo that shares the band: its place in the hash, and its digits. */
export const bandKey = (scope: string, index: number, band: string) => `band:${scope}:${index}:${band}`

export const everyBand = 'band:*'

/** The scope of a key of `bandKey`; the band itself is `<place>:<digits>`. */
export function scopeOfBand(key: string): string | undefined {
  return /^band:(.+):\d+:[0-9a-f]+:[0-9a-f]+$/.exec(key)?.[1]
}
