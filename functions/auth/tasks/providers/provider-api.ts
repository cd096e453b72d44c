import type { OutboundAnswer } from '../../../_lib/outbound/outbound-call.ts'
import { MalformedAnswerError, parseAnswer } from '../../../_lib/outbound/outbound-call.ts'
import type { ProviderTokens } from '../../provider-tokens.ts'

/** A person at a provider, with the stored tokens. */
export type ProviderPerson = {
  subject: string
  tokens: (ProviderTokens & { accessIsLive: boolean }) | undefined
}

/** The profile of a person at a provider; a field that the provider leaves out is undefined. */
export type ReadProfile = { displayName: string | undefined; pictureUrl: string | undefined }

/** Why a provider refuses permanently: a retry would be refused too. */
export type Refusal = 'no_token' | 'token_refused' | 'not_linked'

/** The server API of a login provider, called without the person. Throws `OutboundDeferredError` and `OwnKeyRefusedError`. */
export type ProviderApi = {
  readProfile: (person: ProviderPerson, signal: AbortSignal) => Promise<ReadProfile | { refused: Refusal }>
  /** A link that has already ended counts as unlinked. */
  unlink: (person: ProviderPerson, signal: AbortSignal) => Promise<'unlinked' | { refused: Refusal }>
}

/** The provider refuses our own key or secret: every call fails until an operator corrects it. */
export class OwnKeyRefusedError extends Error {
  override name = 'OwnKeyRefusedError'
}

/** Creates an `OwnKeyRefusedError` from the name of a service and the status of its answer. */
export const ownKeyRefused = (service: string, status: number) =>
  new OwnKeyRefusedError(`"${service}" refused our own key with ${status}`)

/** Creates the error for a status that a provider does not document. It quotes nothing of the body. */
export const unexpectedStatus = ({ status }: OutboundAnswer) =>
  new MalformedAnswerError(`An answer has the unexpected status ${status}`)

/** Parses an answer that must be a JSON object. Throws `MalformedAnswerError`. */
export function objectOf(answer: OutboundAnswer): Record<string, unknown> {
  const body = parseAnswer(answer)
  if (typeof body !== 'object' || body === null || Array.isArray(body)) {
    throw new MalformedAnswerError(`An answer of status ${answer.status} is not a JSON object`)
  }
  return body as Record<string, unknown>
}

const displayNameLengthMax = 80
const pictureUrlLengthMax = 2_048

// Control characters, line separators, and marks that change the direction of the surrounding text.
const unsafeCharacters = /[\p{Cc}\p{Zl}\p{Zp}\u202A-\u202E\u2066-\u2069]/gu

/** Cleans a name for storage and display, at most 80 characters; undefined when nothing is left. */
export function readDisplayName(value: unknown): string | undefined {
  if (typeof value !== 'string') return undefined
  const shown = [...value.toWellFormed().normalize('NFC').replace(unsafeCharacters, '')]
    .slice(0, displayNameLengthMax)
    .join('')
    .trim()
  return shown === '' ? undefined : shown
}

/** Reads the https URL of a picture; undefined for other values. Kakao still sends http, so that is upgraded. It is never fetched here. */
export function readPictureUrl(value: unknown): string | undefined {
  if (typeof value !== 'string' || !URL.canParse(value)) return undefined
  const url = new URL(value)
  if (url.protocol === 'http:') url.protocol = 'https:'
  const isShown =
    url.protocol === 'https:' && url.username + url.password === '' && url.href.length <= pictureUrlLengthMax
  return isShown ? url.href : undefined
}
