import { SealError, type Sealer } from '../../_lib/access/seal-text.ts'
import type { Logger } from '../../_lib/process/log.ts'
import { type Link, openTokens } from '../provider-tokens.ts'
import type { ProviderPerson } from './providers/provider-api.ts'

/** Columns of a sync or an unlink; `sealed` is null where no tokens are stored. */
export type ProviderPersonRow = { subject: string; sealed: Buffer | null; access_is_live: boolean | null }

/** Returns the person at the provider with the stored tokens. Tokens that cannot be opened are logged and left out. */
export function readProviderPerson(
  { sealer, log }: { sealer: Sealer; log: Logger },
  provider: Link['provider'],
  { subject, sealed, access_is_live: accessIsLive }: ProviderPersonRow,
): ProviderPerson {
  if (!sealed) return { subject, tokens: undefined }
  try {
    const tokens = openTokens(sealer, { provider, subject }, sealed)
    return { subject, tokens: { ...tokens, accessIsLive: accessIsLive === true } }
  } catch (error) {
    if (!(error instanceof SealError)) throw error
    log.error('Provider tokens could not be opened', { error, provider })
    return { subject, tokens: undefined }
  }
}
