import { errors as joseErrors } from 'jose'
import * as oauth from 'oauth4webapi'
import { ProblemError } from '../../../_lib/http/errors.ts'
import type { Provider } from '../../provider.ts'
import { IdTokenError } from './verify-id-token.ts'

const names: Record<Provider, { ko: string; en: string }> = {
  kakao: { ko: '카카오', en: 'Kakao' },
  naver: { ko: '네이버', en: 'Naver' },
  google: { ko: '구글', en: 'Google' },
}

/** The problem when the provider is unavailable or violates its protocol, which the person cannot fix. */
export const providerUnavailable = (provider: Provider, cause: unknown) =>
  new ProblemError('unavailable', {
    reason: 'provider_unavailable',
    detail: {
      ko: `${names[provider].ko} 로그인이 지금 응답하지 않아요. 잠시 뒤에 다시 시도해 주세요.`,
      en: `${names[provider].en} does not answer right now. Please try again later.`,
    },
    retryAfterSeconds: 5,
    cause,
  })

/** The problem when the provider did not confirm the login. */
export const loginRefused = (provider: Provider, cause: unknown) =>
  new ProblemError('unauthenticated', {
    reason: 'login_refused',
    detail: {
      ko: `${names[provider].ko} 로그인을 확인하지 못했어요.`,
      en: `The sign-in with ${names[provider].en} could not be confirmed.`,
    },
    cause,
  })

/** Maps an error of a code exchange or of an id token to the problem for the client. */
export function toLoginProblem(provider: Provider, error: unknown): ProblemError {
  if (error instanceof ProblemError) return error
  const refused =
    error instanceof joseErrors.JOSEError ||
    error instanceof IdTokenError ||
    error instanceof oauth.OperationProcessingError ||
    error instanceof oauth.AuthorizationResponseError
  return refused ? loginRefused(provider, error) : providerUnavailable(provider, error)
}
