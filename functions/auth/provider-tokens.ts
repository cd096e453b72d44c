import * as z from 'zod'
import type { Sealer } from '../_lib/access/seal-text.ts'
import type { Provider } from './provider.ts'

/** Tokens that a provider issued at a login, for calls on behalf of the person. */
export type ProviderTokens = { accessToken: string; refreshToken?: string | undefined }

/** Names the link between a person and a provider. */
export type Link = { provider: Provider; subject: string }

const sealedSchema = z.object({ access_token: z.string(), refresh_token: z.string().optional() })

// Authenticated with the ciphertext, so that tokens copied into the row of another link cannot be opened.
const contextOf = ({ provider, subject }: Link) => `provider-tokens:${provider}:${subject}`

/** Encrypts the tokens of a link for storage. */
export function sealTokens(sealer: Sealer, link: Link, { accessToken, refreshToken }: ProviderTokens): Buffer {
  return sealer.seal(JSON.stringify({ access_token: accessToken, refresh_token: refreshToken }), contextOf(link))
}

/** Decrypts the tokens of a link. Throws `SealError` when the key is unknown or `sealed` is not of this link. */
export function openTokens(sealer: Sealer, link: Link, sealed: Buffer): ProviderTokens {
  const { access_token: accessToken, refresh_token: refreshToken } = sealedSchema.parse(
    JSON.parse(sealer.open(sealed, contextOf(link))),
  )
  return { accessToken, refreshToken }
}
