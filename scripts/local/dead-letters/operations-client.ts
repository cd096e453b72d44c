import type { WholeRun } from '../../../functions/events/operate/runs/runs.ts'
import { readProblem } from '../demo/api-error.ts'

/** The API of operators, as far as the commands use it. */
export type DeadLetter = {
  dead_letter_id: string
  state: string
  kind: string
  consumer: string
  reason: string
  event_id: string | null
  event_source: string | null
  event_type: string | null
  queue: string | null
  reported_consumer: string | null
  trace_id: string | null
  deliveries: number
  received_at: string
  last_received_at: string
}
export type WholeDeadLetter = DeadLetter & {
  attributes: Record<string, string>
  headers: Record<string, string>
  body: { encoding: 'text' | 'base64'; content: string; size_bytes: number; cut: boolean }
  unreplayable: string | null
}
export type Page = { items: DeadLetter[]; next_cursor: string | null }
export type Replayed = { replayed: boolean; trace_id: string | null }
export type Report = {
  dry_run: boolean
  matched: number
  replayed: number
  refused: Record<string, number>
  next_cursor: string | null
}

/** The refusal that the API answered. */
export class RefusedError extends Error {
  override name = 'RefusedError'
  readonly status: number

  constructor(status: number, message: string) {
    super(message)
    this.status = status
  }
}

const timeoutMs = 65_000

export function createOperationsClient(options: { baseUrl: string; token: () => Promise<string> }) {
  const call = async <Body>(method: 'GET' | 'POST', path: string, body?: unknown): Promise<Body> => {
    const url = `${options.baseUrl.replace(/\/$/, '')}/api/v1/operations${path}`
    const response = await fetch(url, {
      method,
      headers: {
        authorization: `Bearer ${await options.token()}`,
        'accept-language': 'en',
        ...(body !== undefined && { 'content-type': 'application/json' }),
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(timeoutMs),
      redirect: 'error',
    }).catch((cause: unknown) => {
      throw new Error(`"${url}" does not answer`, { cause })
    })
    if (!response.ok) throw await refusal(response)
    return (await response.json()) as Body
  }
  return {
    list: (query: URLSearchParams) => call<Page>('GET', `/dead-letters${query.size > 0 ? `?${query}` : ''}`),
    read: (id: string) => call<WholeDeadLetter>('GET', `/dead-letters/${encodeURIComponent(id)}`),
    replay: (id: string, force: boolean) =>
      call<Replayed>('POST', `/dead-letters/${encodeURIComponent(id)}/replay`, { force }),
    discard: (id: string) => call<DeadLetter>('POST', `/dead-letters/${encodeURIComponent(id)}/discard`),
    readRun: (id: string) => call<WholeRun>('GET', `/runs/${encodeURIComponent(id)}`),
    replayByFilter: (request: object) => call<Report>('POST', '/dead-letters/replay', request),
  }
}

async function refusal(response: Response): Promise<RefusedError> {
  const problem = await readProblem(response)
  const fields = (problem.errors ?? []).map(({ pointer, detail }) => `${pointer} ${detail}`).join(', ')
  const said = problem.detail ?? `the answer was ${response.status}`
  return new RefusedError(response.status, `${said} (${problem.reason ?? response.status})${fields && `: ${fields}`}`)
}
