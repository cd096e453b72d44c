import type { RecordDeadLetter } from '../../_lib/dead-letters.pg.ts'

export type DeadLetterDeps = { recordDeadLetter: RecordDeadLetter }

const unreachable = '-1'

/** Archives a message that a queue gave up on, whatever it holds: here nothing is malformed. */
export async function deadLetter(deps: DeadLetterDeps, input: { headers: Headers; body: Uint8Array }): Promise<void> {
  const code = input.headers.get('ce-knativeerrorcode') ?? 'none'
  await deps.recordDeadLetter({
    consumer: consumerOf(input.headers.get('ce-knativeerrordest')),
    kind: 'dead_letter',
    reason: code === unreachable ? 'unreachable' : `answered_${code}`,
    headers: input.headers,
    body: input.body,
  })
}

/** The function that failed, from the address that the dispatcher tried: `http://<function>.<domain>.svc…`. */
function consumerOf(destination: string | null): string {
  if (destination === null || !URL.canParse(destination)) return 'unknown'
  return new URL(destination).hostname.split('.')[0] || 'unknown'
}
