import type { OutboundAnswer } from '../../../_lib/outbound/outbound-call.ts'
import { MalformedAnswerError, parseAnswer } from '../../../_lib/outbound/outbound-call.ts'
import type { ProviderTokens } from '../../provider-tokens.ts'

/** Whose profile or link it is, and what may be shown for it. */
export type ProviderPerson = {
  subject: string
  tokens: (ProviderTokens & { accessIsLive: boolean }) | undefined
}

/** What a provider says of a person now; what it does not say is undefined. */
export type ReadProfile = { displayName: string | undefined; pictureUrl: string | undefined }

/** Why a provider refuses, for good: asking again would bring the same. */
export type Refusal = 'no_token' | 'token_refused' | 'not_linked'

/** The server of a login provider, called without the person. Throws `OutboundDeferredError`, and `OwnKeyRefusedError`. */
export type ProviderApi = {
  readProfile: (person: ProviderPerson, signal: AbortSignal) => Promise<ReadProfile | { refused: Refusal }>
  /** A link that is gone already counts as ended. */
  unlink: (person: ProviderPerson, signal: AbortSignal) => Promise<'unlinked' | { refused: Refusal }>
}

/** A key or secret of ours is wrong: nobody's profile can be read until somebody here has mended it. */
export class OwnKeyRefusedError extends Error {
  override name = 'OwnKeyRefusedError'
}

export const ownKeyRefused = (service: string, status: number) =>
  new OwnKeyRefusedError(`"${service}" refused our own key with ${status}`)

/** A status that the documents of a provider do not foresee; with its status, and nothing of its body. */
export const unforeseen = ({ status }: OutboundAnswer) =>
  new MalformedAnswerError(`An answer has the unforeseen status ${status}`)

/** The fields of an answer that must be a JSON object. */
export function objectOf(answer: OutboundAnswer): Record<string, unknown> {
  const body = parseAnswer(answer)
  if (typeof body !== 'object' || body === null || Array.isArray(body)) {
    throw new MalformedAnswerError(`An answer of status ${answer.status} is not a JSON object`)
  }
  return body as Record<string, unknown>
}

const displayNameLengthMax = 80
const pictureUrlLengthMax = 2_048

// Controls, line ends, and marks that turn the direction of the text around it.
const unsafeCharacters = /[\p{Cc}\p{Zl}\p{Zp}\u202A-\u202E\u2066-\u2069]/gu

/** A name as it may be stored and shown; undefined when nothing is left of it. */
export function readDisplayName(value: unknown): string | undefined {
  if (typeof value !== 'string') return undefined
  const shown = [...value.toWellFormed().normalize('NFC').replace(unsafeCharacters, '')]
    .slice(0, displayNameLengthMax)
    .join('')
    .trim()
  return shown === '' ? undefined : shown
}

/** Only https. Kakao still writes http where https works, so that is raised. Nothing here ever fetches it. */
export function readPictureUrl(value: unknown): string | undefined {
  if (typeof value !== 'string' || !URL.canParse(value)) return undefined
  const url = new URL(value)
  if (url.protocol === 'http:') url.protocol = 'https:'
  const isShown =
    url.protocol === 'https:' && url.username + url.password === '' && url.href.length <= pictureUrlLengthMax
  return isShown ? url.href : undefined
}
