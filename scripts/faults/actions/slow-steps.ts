import type { FaultOutcome } from '../fault.ts'
import type { OperationKind } from '../history/history.ts'

/** A complaint when a step of a client took longer than this, whatever its outcome. */
export function findSlowSteps({ entries }: FaultOutcome, kinds: readonly OperationKind[], tookMsMax: number): string[] {
  const slow = entries.filter(({ kind, tookMs }) => kinds.includes(kind) && (tookMs ?? 0) > tookMsMax)
  const [first] = slow.toSorted((a, b) => (b.tookMs ?? 0) - (a.tookMs ?? 0))
  return first
    ? [`${slow.length} steps took longer than ${tookMsMax} ms, "${first.kind}" ${Math.round(first.tookMs ?? 0)} ms`]
    : []
}

/** How many steps got this answer, for example `503 dependency_unavailable`. */
export function countAnswers({ entries }: FaultOutcome, kind: OperationKind): Map<string, number> {
  const counts = new Map<string, number>()
  for (const entry of entries) {
    if (entry.kind !== kind || entry.type === 'ok' || entry.type === 'invoke') continue
    const answer = `${entry.status ?? 0} ${entry.reason ?? ''}`.trim()
    counts.set(answer, (counts.get(answer) ?? 0) + 1)
  }
  return counts
}
