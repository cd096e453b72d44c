import { SealError, type Sealer } from '../../_lib/access/seal-text.ts'
import type { Logger } from '../../_lib/process/log.ts'
import { type Link, openTokens } from '../provider-tokens.ts'
import type { ProviderPerson } from './providers/provider-api.ts'

/** As its row holds it; `sealed` is null where no tokens are kept. */
export type SealedPerson = { subject: string; sealed: Buffer | null; access_is_live: boolean | null }

/** A person with the tokens that are kept. Those that nobody can open are as good as none. */
export function openPerson(
  { sealer, log }: { sealer: Sealer; log: Logger },
  provider: Link['provider'],
  { subject, sealed, access_is_live: accessIsLive }: SealedPerson,
): ProviderPerson {
  if (!sealed) return { subject, tokens: undefined }
  try {
    const tokens = openTokens(sealer, { provider, subject }, sealed)
    return { subject, tokens: { ...tokens, accessIsLive: accessIsLive === true } }
  } catch (error) {
    if (!(error instanceof SealError)) throw error
    log.error('Tokens of a provider could not be opened', { error, provider })
    return { subject, tokens: undefined }
  }
}
