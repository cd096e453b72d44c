/** Acquires a stream for a person. Returns its release, or undefined when the limit is reached. */
export type AcquireStream = (userId: string) => (() => void) | undefined

/** Limits the streams of one person in this process, since each holds memory and a subscription. */
export function createStreamLimit(perPersonMax: number): AcquireStream {
  const taken = new Map<string, number>()
  return (userId) => {
    const count = taken.get(userId) ?? 0
    if (count >= perPersonMax) return undefined
    taken.set(userId, count + 1)
    let isFree = false
    return () => {
      if (isFree) return
      isFree = true
      const left = (taken.get(userId) ?? 1) - 1
      if (left > 0) taken.set(userId, left)
      else taken.delete(userId)
    }
  }
}
