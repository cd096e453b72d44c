import * as z from 'zod'
import { jsonVariable } from '../../_lib/process/config.ts'
import { integer, variable } from '../../_lib/variables/variable.ts'
import { providerSchema } from '../provider.ts'

const providerAccessSchema = z.strictObject({
  /** The issuer, whose discovery document is read. */
  issuer: z.url({ protocol: /^https?$/ }),
  client_id: z.string().min(1),
  /** Further client ids of ours whose id tokens are accepted: Kakao's native SDK signs in with the native app key. */
  client_ids: z.array(z.string().min(1)).optional(),
  client_secret: z.string().min(1),
})

export type ProviderAccess = z.infer<typeof providerAccessSchema>

export const loginVariables = {
  /** Issuer and credentials of each login provider. */
  LOGIN_PROVIDERS: variable(jsonVariable(z.partialRecord(providerSchema, providerAccessSchema)), {
    secret: 'auth-login-providers',
    key: 'providers.json',
  }),
  /** The allowed redirect URIs, compared exactly; one JSON array for all providers. */
  LOGIN_REDIRECT_URIS: variable(jsonVariable(z.array(z.string().min(1)).min(1)), {
    configMap: 'growbin',
    key: 'login-redirect-uris',
  }),
  /** Limit of one address, which thousands of people behind a carrier may share. */
  LOGINS_PER_MINUTE_MAX: integer(300),
  /** Limit of one identity. */
  LOGINS_OF_IDENTITY_PER_MINUTE_MAX: integer(10),
}
