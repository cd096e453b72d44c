import * as z from 'zod'
import { sealingKeysVariable } from '../_lib/access/seal-text.ts'
import { jsonVariable } from '../_lib/process/config.ts'
import { variable } from '../_lib/variables/variable.ts'

export const signingKey = () => ({
  /** Private ES256 key (JWK with `kid`) that signs access tokens. */
  AUTH_SIGNING_KEY: variable(
    jsonVariable(
      z.looseObject({ kty: z.literal('EC'), crv: z.literal('P-256'), kid: z.string().min(1), d: z.string().min(1) }),
    ),
    { secret: 'auth-signing-key', key: 'jwk.json' },
  ),
})

export const refreshTokenKey = () => ({
  /** Secret from which the successor of a refresh token is derived. */
  REFRESH_TOKEN_KEY: variable(z.string().min(32), { secret: 'auth-refresh-token-key', key: 'key' }),
})

export const providerTokenKeys = () => ({
  /** Keys that seal provider tokens: `{"current":"<name>","keys":{"<name>":"<32 bytes in base64>"}}`. */
  PROVIDER_TOKEN_KEYS: variable(sealingKeysVariable, { secret: 'auth-provider-token-keys', key: 'keys.json' }),
})
