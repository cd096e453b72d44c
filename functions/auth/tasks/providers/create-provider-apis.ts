import type { CallService } from '../../../_lib/outbound/outbound-call.ts'
import type { Provider } from '../../provider.ts'
import { createGoogleApi } from './google-api.ts'
import { createKakaoApi } from './kakao-api.ts'
import { createNaverApi } from './naver-api.ts'
import type { ProviderApi } from './provider-api.ts'
import type { ProviderApisConfig } from './provider-variables.ts'

/** Creates a client for each configured provider. */
export function createProviderApis(
  callService: CallService,
  { kakao, naver, google }: ProviderApisConfig,
): Partial<Record<Provider, ProviderApi>> {
  return {
    ...(kakao && { kakao: createKakaoApi(callService, kakao) }),
    ...(naver && { naver: createNaverApi(callService, naver) }),
    ...(google && { google: createGoogleApi(callService, google) }),
  }
}
