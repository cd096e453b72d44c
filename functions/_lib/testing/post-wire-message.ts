import { request } from 'node:http'
import type { WireMessage } from './cloud-event-scenarios.ts'

const timeoutMs = 30_000

/**
 * Posts a message with header names and bytes exactly as given, which `fetch` would change. Resolves to the response; throws when there is
 * none within 30 s.
 */
export function postWireMessage(
  url: string,
  { headers, body }: WireMessage,
): Promise<{ status: number; text: string }> {
  return new Promise((resolve, reject) => {
    const outgoing = request(url, {
      method: 'POST',
      headers: { ...headers, 'Content-Length': body.byteLength },
      agent: false,
      timeout: timeoutMs,
    })
    outgoing.on('timeout', () => outgoing.destroy(new Error(`"${url}" did not answer in ${timeoutMs} ms`)))
    outgoing.on('error', reject)
    outgoing.on('response', async (response) => {
      const text = Buffer.concat(await response.toArray()).toString()
      resolve({ status: response.statusCode ?? 0, text })
    })
    outgoing.end(body)
  })
}
