import { setTimeout as pause } from 'node:timers/promises'

const askEveryMs = 250
const timeoutMs = 5_000

/**
 * Polls `/readyz` until the deployment is ready, and reports once what it waits for. A deployment without that route, such as a cluster
 * behind its load balancer, counts as ready. Throws when no server listens there, or when it is not ready in time.
 */
export async function waitUntilReady(baseUrl: string, tell: (missing: string) => void, waitMs = 60_000): Promise<void> {
  const endMs = performance.now() + waitMs
  let told = ''
  for (;;) {
    const response = await fetch(new URL('/readyz', baseUrl), { signal: AbortSignal.timeout(timeoutMs) })
    const { missing = [] } = response.status === 503 ? await readMissing(response) : {}
    if (response.status !== 503) {
      await response.body?.cancel()
      return
    }
    const names =
      missing.length > 3 ? `${missing.slice(0, 3).join(', ')} and ${missing.length - 3} more` : missing.join(', ')
    if (told === '') tell(names)
    told = names
    if (performance.now() > endMs) throw new Error(`"${baseUrl}" is not ready after ${waitMs / 1000} s: ${names}`)
    await pause(askEveryMs)
  }
}

async function readMissing(response: Response): Promise<{ missing?: string[] }> {
  return (await response.json().catch(() => ({}))) as { missing?: string[] }
}
