import { AsyncLocalStorage } from 'node:async_hooks'
import { randomUUID } from 'node:crypto'

/** Identifies one request in its log lines and outbound calls. */
export type RequestContext = {
  requestId: string
  /** W3C trace context of this hop: `00-<trace id>-<span id>-<flags>`. */
  traceparent: string
}

const storage = new AsyncLocalStorage<RequestContext>()

/** The context of the request that the calling code works for; undefined outside of `runInContext`. */
export const currentContext = (): RequestContext | undefined => storage.getStore()

/** Runs `work`, and what it starts, with `context` as the current context. Returns what `work` returns and throws what it throws. */
export const runInContext = <T>(context: RequestContext, work: () => T): T => storage.run(context, work)

// https://www.w3.org/TR/trace-context/#traceparent-header: all-zero ids and version ff are invalid, and only a later
// version than 00 may have more fields.
const traceparentPattern =
  /^(?:00(?=.{53}$)|(?!00|ff)[0-9a-f]{2})-(?!0{32})([0-9a-f]{32})-(?!0{16})[0-9a-f]{16}-([0-9a-f]{2})(?:-.*)?$/
// Sampled and random; flags that this version does not know must be sent as zero.
const knownFlags = 0x03

/** The trace id of a well-formed `traceparent`: 32 hexadecimal digits. */
export function traceIdOf(traceparent: string): string {
  return traceparent.slice(3, 35)
}

/** Returns the `traceparent` of a new span: in the caller's trace, or in a new trace when the header is missing or malformed. */
export function continueTrace(traceparent: string | undefined): string {
  const parent = traceparent === undefined ? null : traceparentPattern.exec(traceparent)
  const spanId = randomHexDigits().slice(16)
  if (!parent) return `00-${randomHexDigits()}-${spanId}-01`
  const flags = Number.parseInt(parent[2] ?? '', 16) & knownFlags
  return `00-${parent[1]}-${spanId}-${flags.toString(16).padStart(2, '0')}`
}

// Node.js draws the randomness of many UUIDs at once: `randomBytes` was 4 % of a status poll under load. The last seven
// bytes are random throughout, as https://www.w3.org/TR/trace-context-2/#randomness-of-trace-id demands.
const randomHexDigits = () => randomUUID().replaceAll('-', '')
