import { once } from 'node:events'
import type { ServerResponse } from 'node:http'
import { pause } from '../../../lib/pause.ts'

export type PartsToSend = {
  response: ServerResponse
  parts: string[]
  /** Server-sent events, else one JSON body. */
  stream: boolean
  /** Delay between two parts. */
  delayMs: number
  /** Resets the connection half way. */
  reset: boolean
  signal: AbortSignal
}

/** Sends an answer in parts, and waits when the client reads slower than it writes. */
export async function sendParts({ response, parts, stream, delayMs, reset, signal }: PartsToSend): Promise<void> {
  const length = stream ? {} : { 'content-length': Buffer.byteLength(parts.join('')) }
  const type = stream ? 'text/event-stream; charset=utf-8' : 'application/json; charset=utf-8'
  response.writeHead(200, { 'content-type': type, 'cache-control': 'no-store', ...length })
  const sent = reset ? firstHalf(parts) : parts
  for (const [i, part] of sent.entries()) {
    if (i > 0) await pause(delayMs, signal)
    if (signal.aborted) return
    if (!response.write(part)) await once(response, 'drain', { signal }).catch(() => undefined)
  }
  if (!reset) response.end()
  // The written bytes must be sent before the reset, or the client gets no body at all.
  else await new Promise<void>((resolve) => response.write(' ', () => resolve(void response.socket?.resetAndDestroy())))
}

function firstHalf(parts: string[]): string[] {
  const [only = ''] = parts
  return parts.length > 1 ? parts.slice(0, Math.ceil(parts.length / 2)) : [only.slice(0, Math.ceil(only.length / 2))]
}
