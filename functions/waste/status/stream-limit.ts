/** Takes a place of this person; gives what frees it again, or undefined when none is left. */
export type AcquireStream = (userId: string) => (() => void) | undefined

/** Bounds the streams of one person in this process: each holds memory and a subscription for as long as it lasts. */
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
