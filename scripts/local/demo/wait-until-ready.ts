import { setTimeout as pause } from 'node:timers/promises'

const pollIntervalMs = 250
const requestTimeoutMs = 5_000

export type WaitOptions = {
  /** Receives what is waited for; at most once for a server, and once for its missing parts. */
  report: (waitsFor: string) => void
  /** How long a refused connection is retried, because the deployment may just be starting. Any other network error throws at once. */
  listenTimeoutMs: number
  /** How long missing parts may take once the server listens. */
  readyTimeoutMs?: number
}

/**
 * Polls `/readyz` until the deployment is ready. A deployment without that route, such as a cluster behind its load balancer, counts as
 * ready. Throws an error that names the URL when no server listens there in time, or when it is not ready in time.
 */
export async function waitUntilReady(
  baseUrl: string,
  { report, listenTimeoutMs, readyTimeoutMs = 60_000 }: WaitOptions,
): Promise<void> {
  let response = await requestOnceListening(baseUrl, { report, listenTimeoutMs })
  const endMs = performance.now() + readyTimeoutMs
  let reported = false
  while (response.status === 503) {
    const { missing = [] } = await readMissing(response)
    const names =
      missing.length > 3 ? `${missing.slice(0, 3).join(', ')} and ${missing.length - 3} more` : missing.join(', ')
    if (!reported) report(names)
    reported = true
    if (performance.now() > endMs)
      throw new Error(`"${baseUrl}" is not ready after ${readyTimeoutMs / 1000} s: ${names}`)
    await pause(pollIntervalMs)
    response = await requestReadiness(baseUrl)
  }
  await response.body?.cancel()
}

async function requestOnceListening(baseUrl: string, { report, listenTimeoutMs }: WaitOptions): Promise<Response> {
  const endMs = performance.now() + listenTimeoutMs
  let reported = false
  for (;;) {
    try {
      return await requestReadiness(baseUrl)
    } catch (error) {
      if (!isConnectionRefused(error)) throw error
      if (performance.now() >= endMs)
        throw new Error(`No server listens at "${baseUrl}" after ${listenTimeoutMs / 1000} s`, { cause: error.cause })
    }
    if (!reported) report(`a server at ${baseUrl}`)
    reported = true
    await pause(Math.min(pollIntervalMs, Math.max(0, endMs - performance.now())))
  }
}

async function requestReadiness(baseUrl: string): Promise<Response> {
  try {
    return await fetch(new URL('/readyz', baseUrl), { signal: AbortSignal.timeout(requestTimeoutMs) })
  } catch (error) {
    // fetch says only "fetch failed"; its cause has the code and the reason.
    const cause = (error as Error).cause ?? error
    const { message, code } = cause as NodeJS.ErrnoException
    throw new Error(`"${baseUrl}" cannot be reached: ${message || code}`, { cause })
  }
}

/** Whether the cause of an error says that no program listens on the port. */
export function isConnectionRefused(error: unknown): error is Error {
  const { cause } = error as { cause?: { code?: string } }
  return cause?.code === 'ECONNREFUSED'
}

async function readMissing(response: Response): Promise<{ missing?: string[] }> {
  return (await response.json().catch(() => ({}))) as { missing?: string[] }
}
