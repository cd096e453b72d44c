export type ScoredMember = { member: string; score: number }

/** Members in the order of score, then of bytes. */
export type SortedSet = ReturnType<typeof createSortedSet>

export function createSortedSet() {
  const scores = new Map<string, number>()
  const ordered: ScoredMember[] = []

  /** The first position whose member does not sort before the given one. */
  function position(score: number, member: string): number {
    let low = 0
    let high = ordered.length
    while (low < high) {
      const middle = (low + high) >>> 1
      const other = ordered[middle]
      if (other && (other.score < score || (other.score === score && other.member < member))) low = middle + 1
      else high = middle
    }
    return low
  }

  function remove(member: string): boolean {
    const score = scores.get(member)
    if (score === undefined) return false
    scores.delete(member)
    ordered.splice(position(score, member), 1)
    return true
  }

  return {
    score: (member: string) => scores.get(member),
    size: () => scores.size,
    members: () => scores.keys(),
    ordered: (): readonly ScoredMember[] => ordered,
    put(member: string, score: number) {
      remove(member)
      scores.set(member, score)
      ordered.splice(position(score, member), 0, { member, score })
    },
    remove,
  }
}
