import { createHash } from 'node:crypto'
import { type JsonCloudEvent, parseCloudEvent, toBinaryMessage } from '../events/cloud-event.ts'
import { type EventKeys, eventKeys } from '../events/event-keys.ts'
import { createEventSignatures } from '../events/event-signature.ts'
import { readConfig } from '../variables/variable.ts'

/** The same key of 32 bytes for a name in each run, in base64. */
export const testEventKey = (name: string) => createHash('sha256').update(`growbin test ${name}`).digest('base64')

/** `EVENT_KEYS` of every function under test. */
export const testEventKeys = JSON.stringify({ current: 'test', keys: { test: testEventKey('test') } })

/** Parses the variable as a function does. Throws `ConfigError`. */
export const parseEventKeys = (text: string): EventKeys => readConfig(eventKeys(), { EVENT_KEYS: text }).EVENT_KEYS

export const testSignatures = createEventSignatures(parseEventKeys(testEventKeys))

type MessageHeaders = Record<string, string>

/** Adds a signature by the test keys to the headers of a message. A message that is no event, or cannot be signed, stays as it is. */
export function signHeaders(
  headers: MessageHeaders,
  body: string | Uint8Array,
  { sign } = testSignatures,
): MessageHeaders {
  try {
    const { extensions } = sign(parseCloudEvent(new Headers(headers), Buffer.from(body)))
    const { signature = '', signaturekey = '' } = extensions
    return { ...headers, 'ce-signature': signature, 'ce-signaturekey': signaturekey }
  } catch {
    return headers
  }
}

/** Signs an event by the test keys and writes it in the binary mode, as a function sends it. */
export const toSignedMessage = (event: JsonCloudEvent) => toBinaryMessage(testSignatures.sign(event))
