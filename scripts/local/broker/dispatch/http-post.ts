import * as http from 'node:http'
import * as https from 'node:https'

export type PostRequest = {
  headers: Record<string, string>
  body: Buffer
  /** Deadline from the start to the last byte read of the answer; none when undefined. */
  timeoutMs: number | undefined
  signal: AbortSignal
  /** Whether to read the body of an answer with these headers; of other answers only the status is awaited. */
  wantsBody?: (rawHeaders: readonly string[]) => boolean
}

/** An answer, or why there was none. `body` is undefined when it was incomplete or not wanted. */
export type PostOutcome =
  | {
      kind: 'answered'
      status: number
      rawHeaders: string[]
      body: Buffer | undefined
      /** A redirect turned the post into a GET, so the server that answered has not received the posted body. */
      isGet?: boolean
    }
  | { kind: 'failed'; reason: string }

export type Post = (request: PostRequest) => Promise<PostOutcome>

export type PosterOptions = {
  /**
   * Connections to one host that stay open between posts. Go's default client, which the RabbitMQ dispatcher has, keeps two, and
   * opens another for each post beyond those.
   */
  idleConnectionsMax?: number
}

/** Limit of the bytes read of an answer. */
export const answerSizeBytesMax = 16 * 1024 * 1024
/** Limit of the requests of one post that is redirected, as in Go's client. */
const requestsMax = 10
const idleConnectionsDefault = 256

/** Connections that stay open between posts. */
export function createPoster({ idleConnectionsMax = idleConnectionsDefault }: PosterOptions = {}) {
  const options = { keepAlive: true, maxFreeSockets: idleConnectionsMax }
  const agents: Agents = { http: new http.Agent(options), https: new https.Agent(options) }
  return {
    /** A function that posts to one URL. */
    to:
      (url: string): Post =>
      (sent) =>
        postTo(agents, url, sent),
    close() {
      agents.http.destroy()
      agents.https.destroy()
    },
  }
}

type Agents = { http: http.Agent; https: https.Agent }
type Outgoing = PostRequest & { method: string }

/** Follows redirects as Go's client does: 307 and 308 post again, 301, 302 and 303 become a GET without the body. */
async function postTo(agents: Agents, url: string, sent: PostRequest): Promise<PostOutcome> {
  const endMs = sent.timeoutMs === undefined ? undefined : performance.now() + sent.timeoutMs
  let target = url
  let outgoing: Outgoing = { ...sent, method: 'POST' }
  for (let requests = 1; ; requests += 1) {
    const timeoutMs = endMs === undefined ? undefined : Math.max(1, endMs - performance.now())
    const outcome = await attempt(agents, target, { ...outgoing, timeoutMs })
    const next = outcome.kind === 'answered' ? redirect(outcome, target, outgoing) : undefined
    if (next === undefined) {
      return outcome.kind === 'answered' && outgoing.method === 'GET' ? { ...outcome, isGet: true } : outcome
    }
    if (requests === requestsMax) return { kind: 'failed', reason: `stopped after ${requestsMax} redirects` }
    target = next.url
    outgoing = next.outgoing
  }
}

type Answered = Extract<PostOutcome, { kind: 'answered' }>

function redirect({ status, rawHeaders }: Answered, from: string, outgoing: Outgoing) {
  const isPost = status === 307 || status === 308
  if (!isPost && status !== 301 && status !== 302 && status !== 303) return undefined
  const at = rawHeaders.findIndex((name, index) => index % 2 === 0 && name.toLowerCase() === 'location')
  const location = rawHeaders[at + 1]
  if (at < 0 || location === undefined || !URL.canParse(location, from)) return undefined
  const again: Outgoing = isPost
    ? { ...outgoing, headers: { ...outgoing.headers, referer: from } }
    : {
        ...outgoing,
        method: 'GET',
        body: Buffer.alloc(0),
        headers: withoutType({ ...outgoing.headers, referer: from }),
      }
  return { url: new URL(location, from).href, outgoing: again }
}

const withoutType = (headers: Record<string, string>): Record<string, string> =>
  Object.fromEntries(Object.entries(headers).filter(([name]) => name !== 'content-type'))

function attempt(agents: Agents, url: string, sent: Outgoing): Promise<PostOutcome> {
  return new Promise((resolve) => {
    if (sent.signal.aborted) return resolve({ kind: 'failed', reason: 'aborted' })
    const target = new URL(url)
    const isSecure = target.protocol === 'https:'
    const length: Record<string, string> = sent.method === 'GET' ? {} : { 'content-length': String(sent.body.length) }
    const options: http.RequestOptions = {
      hostname: target.hostname.replace(/^\[|\]$/g, ''),
      port: target.port,
      path: target.pathname + target.search,
      method: sent.method,
      agent: isSecure ? agents.https : agents.http,
      headers: { ...sent.headers, ...length },
    }
    let outgoing: http.ClientRequest
    try {
      outgoing = (isSecure ? https : http).request(options)
    } catch (error) {
      // A control character in an attribute, which no header can hold.
      return resolve({ kind: 'failed', reason: (error as NodeJS.ErrnoException).code ?? String(error) })
    }
    let failWith = (reason: string) => resolve({ kind: 'failed', reason })
    const release = () => {
      clearTimeout(timer)
      sent.signal.removeEventListener('abort', abort)
    }
    const fail = (reason: string) => {
      failWith(reason)
      outgoing.destroy()
    }
    const abort = () => fail('aborted')
    const timer =
      sent.timeoutMs === undefined
        ? undefined
        : setTimeout(() => fail(`no answer in ${Math.round(sent.timeoutMs ?? 0)} ms`), sent.timeoutMs)
    sent.signal.addEventListener('abort', abort)
    outgoing.on('close', release)
    outgoing.on('error', (error: NodeJS.ErrnoException) => failWith(error.code ?? error.message))
    outgoing.on('response', (incoming) => {
      const { statusCode: status = 0, rawHeaders } = incoming
      const answer = (body: Buffer | undefined) => resolve({ kind: 'answered', status, rawHeaders, body })
      // Once there is a status, a later failure costs only the body.
      failWith = () => answer(undefined)
      readBody(incoming, answer, fail)
      if (sent.wantsBody?.(rawHeaders) !== true) answer(undefined)
    })
    outgoing.end(sent.body)
  })
}

/** Reads to the end, since a connection with unread bytes cannot be used again. */
function readBody(
  incoming: http.IncomingMessage,
  answer: (body: Buffer) => void,
  fail: (reason: string) => void,
): void {
  const chunks: Buffer[] = []
  let sizeBytes = 0
  incoming.on('data', (chunk: Buffer) => {
    sizeBytes += chunk.length
    if (sizeBytes > answerSizeBytesMax) fail(`answer over ${answerSizeBytesMax} bytes`)
    else chunks.push(chunk)
  })
  incoming.on('error', (error: NodeJS.ErrnoException) => fail(error.code ?? error.message))
  incoming.on('end', () => answer(chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks)))
}
