import * as z from 'zod'
import type { CallService } from '../../../_lib/outbound/outbound-call.ts'
import { jsonVariable } from '../../../_lib/process/config.ts'
import { sealingVariables } from '../../auth-variables.ts'
import type { Provider } from '../../provider.ts'
import { createGoogleApi } from './google-api.ts'
import { createKakaoApi } from './kakao-api.ts'
import { createNaverApi } from './naver-api.ts'
import type { ProviderApi } from './provider-api.ts'

const address = (standard: string) => z.url({ protocol: /^https?$/ }).default(standard)

const providerApisSchema = z.strictObject({
  kakao: z
    .strictObject({
      api_url: address('https://kapi.kakao.com'),
      /** Of the app, for servers only: it may act for every linked person. */
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

export const providerVariables = {
  ...sealingVariables,
  /** How the server of each login provider is called, beside the login itself. */
  PROVIDER_APIS: jsonVariable(providerApisSchema),
}

/** The servers that are configured. */
export function createProviderApis(
  callService: CallService,
  { kakao, naver, google }: z.output<typeof providerApisSchema>,
): Partial<Record<Provider, ProviderApi>> {
  return {
    ...(kakao && { kakao: createKakaoApi(callService, kakao) }),
    ...(naver && { naver: createNaverApi(callService, naver) }),
    ...(google && { google: createGoogleApi(callService, google) }),
  }
}
