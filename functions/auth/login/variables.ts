import * as z from 'zod'
import { jsonVariable } from '../../_lib/process/config.ts'
import { variable } from '../../_lib/process/variable.ts'
import { providerSchema } from '../provider.ts'

const providerAccessSchema = z.strictObject({
  /** Issuer whose discovery document is read. */
  issuer: z.url({ protocol: /^https?$/ }),
  client_id: z.string().min(1),
  /** Further clients of ours whose id tokens are taken: Kakao's native SDK signs in with the native app key. */
  client_ids: z.array(z.string().min(1)).optional(),
  client_secret: z.string().min(1),
})

export type ProviderAccess = z.infer<typeof providerAccessSchema>

export const loginVariables = {
  /** Access to each provider that people may log in with. */
  LOGIN_PROVIDERS: variable(jsonVariable(z.partialRecord(providerSchema, providerAccessSchema)), {
    secret: 'auth-login-providers',
    key: 'providers.json',
  }),
  /** Where a provider may send a person back to, compared exactly; one JSON array for all providers. */
  LOGIN_REDIRECT_URIS: variable(jsonVariable(z.array(z.string().min(1)).min(1)), {
    configMap: 'growbin',
    key: 'login-redirect-uris',
  }),
  /** Of one address, behind which a carrier may have thousands of people. */
  LOGINS_PER_MINUTE_MAX: variable(z.coerce.number().int().positive().default(300)),
  /** Of one identity. */
  LOGINS_OF_IDENTITY_PER_MINUTE_MAX: variable(z.coerce.number().int().positive().default(10)),
}
