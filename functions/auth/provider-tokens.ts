import * as z from 'zod'
import type { Sealer } from '../_lib/access/seal-text.ts'
import type { Provider } from './provider.ts'

/** What a provider gave at a login, to act at it for the person. */
export type ProviderTokens = { accessToken: string; refreshToken?: string | undefined }

/** Of a person at a provider. */
export type Link = { provider: Provider; subject: string }

const sealedSchema = z.object({ access_token: z.string(), refresh_token: z.string().optional() })

// Bound to the link: a row that is copied to another one opens nothing there.
const contextOf = ({ provider, subject }: Link) => `provider-tokens:${provider}:${subject}`

export function sealTokens(sealer: Sealer, link: Link, { accessToken, refreshToken }: ProviderTokens): Buffer {
  return sealer.seal(JSON.stringify({ access_token: accessToken, refresh_token: refreshToken }), contextOf(link))
}

/** Throws `SealError`. */
export function openTokens(sealer: Sealer, link: Link, sealed: Buffer): ProviderTokens {
  const { access_token: accessToken, refresh_token: refreshToken } = sealedSchema.parse(
    JSON.parse(sealer.open(sealed, contextOf(link))),
  )
  return { accessToken, refreshToken }
}
