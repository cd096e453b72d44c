/** Keys of the analysis cache in Redis. The scope names the version of the prompt and the model, which both change answers. */
export const exactKey = (scope: string, sha256: string) => `exact:${scope}:${sha256}`
export const photoKey = (scope: string, member: string) => `photo:${scope}:${member}`
/** A photo of one person, who is identified only by a hash. */
export const memberOf = (perceptualHash: string, sha256: string, personHash: string) =>
  `${perceptualHash}:${sha256}:${personHash}`

export function readMember(member: string): { perceptualHash: string; personHash: string } | undefined {
  const [, perceptualHash, personHash] = /^([0-9a-f]{64}):[^:]+:([0-9a-f]+)$/.exec(member) ?? []
  return perceptualHash && personHash ? { perceptualHash, personHash } : undefined
}

/** The set of photos whose hash has these digits (`<index>:<4 hex digits>`) in one of its 16 segments. */
export const segmentKey = (scope: string, index: number, band: string) => `band:${scope}:${index}:${band}`

export const everySegmentKey = 'band:*'

/** The scope of a `segmentKey`; undefined for any other key. */
export function scopeOfSegmentKey(key: string): string | undefined {
  return /^band:(.+):\d+:[0-9a-f]+:[0-9a-f]+$/.exec(key)?.[1]
}
