import * as z from 'zod'
import { jsonVariable } from '../../../_lib/process/config.ts'
import { variable } from '../../../_lib/variables/variable.ts'
import { providerTokenKeys } from '../../auth-variables.ts'

const address = (standard: string) => z.url({ protocol: /^https?$/ }).default(standard)

const providerApisSchema = z.strictObject({
  kakao: z
    .strictObject({
      api_url: address('https://kapi.kakao.com'),
      /** Admin key of the app, for servers only: it may act for every linked person. */
      admin_key: z.string().min(1),
    })
    .optional(),
  naver: z
    .strictObject({
      api_url: address('https://openapi.naver.com'),
      token_url: address('https://nid.naver.com/oauth2/token'),
      client_id: z.string().min(1),
      client_secret: z.string().min(1),
    })
    .optional(),
  google: z
    .strictObject({
      userinfo_url: address('https://openidconnect.googleapis.com/v1/userinfo'),
      revoke_url: address('https://oauth2.googleapis.com/revoke'),
    })
    .optional(),
})

export type ProviderApisConfig = z.output<typeof providerApisSchema>

/** The variables for calls of the login providers, with the keys of stored provider tokens. */
export const providerVariables = () => ({
  ...providerTokenKeys(),
  /** URLs and credentials for calls of each login provider outside of a login. */
  PROVIDER_APIS: variable(jsonVariable(providerApisSchema), { secret: 'jobs-provider-apis', key: 'providers.json' }),
})
