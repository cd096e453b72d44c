import { parseCloudEvent } from '../../../../functions/_lib/events/cloud-event.ts'
import type { SignEvent } from '../../../../functions/_lib/events/event-signature.ts'

type Message = { headers: Record<string, string>; body: Uint8Array<ArrayBuffer> }

/** The message with a signature, in whichever mode it is written; undefined for what is no event, or cannot be signed. */
export function signMessage(sign: SignEvent, { headers, body }: Message): Message | undefined {
  try {
    const { signature = '', signaturekey = '' } = sign(parseCloudEvent(new Headers(headers), body)).extensions
    if (!headers['content-type']?.startsWith('application/cloudevents')) {
      return { headers: { ...headers, 'ce-signature': signature, 'ce-signaturekey': signaturekey }, body }
    }
    const envelope = JSON.parse(Buffer.from(body).toString()) as object
    return { headers, body: Uint8Array.from(Buffer.from(JSON.stringify({ ...envelope, signature, signaturekey }))) }
  } catch {
    return undefined
  }
}
