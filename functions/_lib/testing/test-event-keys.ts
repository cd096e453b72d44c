import { createHash } from 'node:crypto'
import { type JsonCloudEvent, parseCloudEvent, toBinaryMessage } from '../events/cloud-event.ts'
import { type EventKeys, eventKeys } from '../events/event-keys.ts'
import { createEventSignatures } from '../events/event-signature.ts'
import { readConfig } from '../variables/variable.ts'

/** Key material that every run makes alike, in base64. */
export const testEventKey = (name: string) => createHash('sha256').update(`growbin test ${name}`).digest('base64')

/** `EVENT_KEYS` of every function under test. */
export const testEventKeys = JSON.stringify({ current: 'test', keys: { test: testEventKey('test') } })

/** What a function makes of the variable. Throws `ConfigError`. */
export const parseEventKeys = (text: string): EventKeys => readConfig(eventKeys(), { EVENT_KEYS: text }).EVENT_KEYS

export const testSignatures = createEventSignatures(parseEventKeys(testEventKeys))

type MessageHeaders = Record<string, string>

/** Adds the signature that a message would have from the keys of the tests; what is no event, or has no canonical form, stays as it is. */
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

/** A message as a function of ours sends it. */
export const toSignedMessage = (event: JsonCloudEvent) => toBinaryMessage(testSignatures.sign(event))
