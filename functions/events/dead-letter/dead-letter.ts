import { isIP } from 'node:net'
import type { RecordDeadLetter } from '../../_lib/dead-letters.pg.ts'

export type DeadLetterDeps = { archiveDeadLetter: RecordDeadLetter }

const unreachable = '-1'

/** Archives a message that a queue gave up on, whatever it holds: here nothing is malformed. */
export async function deadLetter(deps: DeadLetterDeps, input: { headers: Headers; body: Uint8Array }): Promise<void> {
  await deps.archiveDeadLetter({
    consumer: consumerOf(input.headers.get('ce-knativeerrordest')),
    kind: 'dead_letter',
    reason: reasonOf(input.headers.get('ce-knativeerrorcode')),
    headers: input.headers,
    body: input.body,
  })
}

function reasonOf(code: string | null): string {
  if (code === unreachable) return 'unreachable'
  return code !== null && /^\d{3}$/.test(code) ? `answered_${code}` : 'answered_none'
}

/** The function that failed, from the address that the dispatcher tried: `http://<function>.<domain>.svc…`. */
function consumerOf(destination: string | null): string {
  if (destination === null || !URL.canParse(destination)) return 'unknown'
  const { hostname, host } = new URL(destination)
  if (isIP(hostname) !== 0 || hostname.startsWith('[')) return host
  return hostname.split('.')[0] || 'unknown'
}
