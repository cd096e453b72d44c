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
