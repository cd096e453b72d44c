import * as z from 'zod'
import { sealingKeysVariable } from '../_lib/access/seal-text.ts'
import { jsonVariable } from '../_lib/process/config.ts'

export const signingVariables = {
  /** Private ES256 key (JWK with `kid`) that access tokens are signed with. */
  AUTH_SIGNING_KEY: jsonVariable(
    z.looseObject({ kty: z.literal('EC'), crv: z.literal('P-256'), kid: z.string().min(1), d: z.string().min(1) }),
  ),
}

export const sessionVariables = {
  /** Secret from which the successor of a refresh token is derived. */
  REFRESH_TOKEN_KEY: z.string().min(32),
}

export const sealingVariables = {
  /** Keys that tokens of the providers are sealed with: `{"current":"<name>","keys":{"<name>":"<32 bytes in base64>"}}`. */
  PROVIDER_TOKEN_KEYS: sealingKeysVariable,
}
