import * as z from 'zod'
import { jsonVariable } from '../../_lib/config.ts'
import { databaseVariables, logVariables, redisVariables } from '../../_lib/variables.ts'
import { providerSchema } from '../provider.ts'

const providerAccessSchema = z.strictObject({
  /** Issuer whose discovery document is read. */
  issuer: z.url({ protocol: /^https?$/ }),
  client_id: z.string().min(1),
  client_secret: z.string().min(1),
})

export type ProviderAccess = z.infer<typeof providerAccessSchema>

export const configSchema = z.object({
  ...logVariables,
  ...databaseVariables,
  ...redisVariables,
  /** Private ES256 key (JWK with `kid`) that access tokens are signed with. */
  AUTH_SIGNING_KEY: jsonVariable(
    z.looseObject({ kty: z.literal('EC'), crv: z.literal('P-256'), kid: z.string().min(1), d: z.string().min(1) }),
  ),
  /** Access to each provider that people may log in with. */
  LOGIN_PROVIDERS: jsonVariable(z.partialRecord(providerSchema, providerAccessSchema)),
  /** Where a provider may send a person back to, compared exactly; one JSON array for all providers. */
  LOGIN_REDIRECT_URIS: jsonVariable(z.array(z.string().min(1)).min(1)),
  LOGINS_PER_MINUTE_MAX: z.coerce.number().int().positive().default(10),
  /** Proxies in front that append to `X-Forwarded-For`: the ALB is one. */
  TRUSTED_PROXY_HOPS: z.coerce.number().int().min(0).max(5).default(1),
})
