import * as http from 'node:http'
import * as https from 'node:https'

export type PostRequest = {
  headers: Record<string, string>
  body: Buffer
  /** Deadline from the start to the last byte of the answer; none when undefined. */
  timeoutMs: number | undefined
  signal: AbortSignal
}

/** An answer, or why there was none. */
export type PostOutcome =
  | { kind: 'answered'; status: number; rawHeaders: string[]; body: Buffer }
  | { kind: 'failed'; reason: string }

export type Post = (request: PostRequest) => Promise<PostOutcome>

/** Bytes of an answer that are read; a longer one is a failed attempt. */
export const answerSizeBytesMax = 1024 * 1024

/** Connections that stay open between posts. */
export function createPoster() {
  const agents = { http: new http.Agent({ keepAlive: true }), https: new https.Agent({ keepAlive: true }) }
  return {
    /** A function that posts to one URL. Redirects are not followed. */
    to(url: string): Post {
      const target = new URL(url)
      const options: http.RequestOptions = {
        hostname: target.hostname.replace(/^\[|\]$/g, ''),
        port: target.port,
        path: target.pathname + target.search,
        method: 'POST',
        agent: target.protocol === 'https:' ? agents.https : agents.http,
      }
      const request = target.protocol === 'https:' ? https.request : http.request
      return async (sent) => {
        const first = await attempt(request, options, sent)
        // A server may close a kept connection just as it is used again; nothing was answered, so a new one is tried.
        return first.kind === 'stale' ? withoutStale(await attempt(request, options, sent)) : first
      }
    },
    close() {
      agents.http.destroy()
      agents.https.destroy()
    },
  }
}

export type Poster = ReturnType<typeof createPoster>

type AttemptOutcome = PostOutcome | { kind: 'stale' }

function withoutStale(outcome: AttemptOutcome): PostOutcome {
  return outcome.kind === 'stale' ? { kind: 'failed', reason: 'connection reset' } : outcome
}

function attempt(
  request: typeof http.request,
  options: http.RequestOptions,
  sent: PostRequest,
): Promise<AttemptOutcome> {
  return new Promise((resolve) => {
    if (sent.signal.aborted) return resolve({ kind: 'failed', reason: 'aborted' })
    const headers = { ...sent.headers, 'content-length': String(sent.body.length) }
    const outgoing = request({ ...options, headers })
    const settle = (outcome: AttemptOutcome) => {
      clearTimeout(timer)
      sent.signal.removeEventListener('abort', abort)
      resolve(outcome)
    }
    const abort = () => giveUp('aborted')
    const giveUp = (reason: string) => {
      settle({ kind: 'failed', reason })
      outgoing.destroy()
    }
    const timer =
      sent.timeoutMs === undefined
        ? undefined
        : setTimeout(() => giveUp(`no answer in ${sent.timeoutMs} ms`), sent.timeoutMs)
    sent.signal.addEventListener('abort', abort)
    outgoing.on('error', (error: NodeJS.ErrnoException) => {
      const stale = outgoing.reusedSocket && error.code === 'ECONNRESET'
      settle(stale ? { kind: 'stale' } : { kind: 'failed', reason: error.code ?? error.message })
    })
    outgoing.on('response', (incoming) => readAnswer(incoming, settle, giveUp))
    outgoing.end(sent.body)
  })
}

function readAnswer(
  incoming: http.IncomingMessage,
  settle: (outcome: PostOutcome) => void,
  giveUp: (reason: string) => void,
): void {
  const chunks: Buffer[] = []
  let sizeBytes = 0
  incoming.on('data', (chunk: Buffer) => {
    sizeBytes += chunk.length
    if (sizeBytes > answerSizeBytesMax) giveUp(`answer over ${answerSizeBytesMax} bytes`)
    else chunks.push(chunk)
  })
  incoming.on('error', (error: NodeJS.ErrnoException) => giveUp(error.code ?? error.message))
  incoming.on('end', () => {
    const body = chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks)
    settle({ kind: 'answered', status: incoming.statusCode ?? 0, rawHeaders: incoming.rawHeaders, body })
  })
}
