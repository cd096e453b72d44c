import { ProblemError } from '../../_lib/http/errors.ts'
import type { Provider } from '../provider.ts'
import type { LoginProvider } from './provider/login-provider.ts'

export type LoginAttempt = {
  loginAttemptId: string
  provider: Provider
  state: string
  nonce: string
  codeVerifier: string
  redirectUri: string
}

export type BeginLoginDeps = {
  findProvider: (provider: Provider) => LoginProvider | undefined
  isAllowedRedirect: (redirectUri: string) => boolean
  insertAttempt: (attempt: LoginAttempt, expiresSeconds: number) => Promise<void>
  createId: () => string
  /** Returns a random URL-safe string of at least 256 bits. */
  createSecret: () => string
}

export type BegunLogin = {
  loginAttemptId: string
  authorizeUrl: string
  state: string
  /** For the SDK of a provider whose id tokens are accepted; undefined for the others. */
  nonce: string | undefined
  expiresSeconds: number
}

const attemptSeconds = 600

/**
 * Begins a login attempt: creates state, nonce and PKCE verifier, stores them for one use within ten minutes, and returns where
 * the person signs in. Throws 400 for a redirect URI that is not allowed, 404 for a provider that is not configured, and 503 while
 * the provider is unavailable.
 */
export async function beginLogin(
  deps: BeginLoginDeps,
  input: { provider: Provider; redirectUri: string },
): Promise<BegunLogin> {
  const loginProvider = getProvider(deps.findProvider, input.provider)
  if (!deps.isAllowedRedirect(input.redirectUri)) {
    throw new ProblemError('invalid_request', {
      reason: 'redirect_uri_not_allowed',
      detail: { ko: '허용되지 않은 주소예요.', en: 'This redirect URI is not allowed.' },
      fields: [{ pointer: '/redirect_uri', detail: 'is not on the list of allowed redirect URIs' }],
    })
  }
  const attempt: LoginAttempt = {
    ...input,
    loginAttemptId: deps.createId(),
    state: deps.createSecret(),
    nonce: deps.createSecret(),
    codeVerifier: deps.createSecret(),
  }
  const authorizeUrl = await loginProvider.authorizeUrl(attempt)
  await deps.insertAttempt(attempt, attemptSeconds)
  return {
    loginAttemptId: attempt.loginAttemptId,
    authorizeUrl,
    state: attempt.state,
    nonce: loginProvider.acceptIdToken ? attempt.nonce : undefined,
    expiresSeconds: attemptSeconds,
  }
}

/** Returns the client of a login provider. Throws 404 when it is not configured. */
export function getProvider(
  findProvider: (provider: Provider) => LoginProvider | undefined,
  provider: Provider,
): LoginProvider {
  const found = findProvider(provider)
  if (found) return found
  throw new ProblemError('not_found', {
    reason: 'provider_not_configured',
    detail: { ko: '지원하지 않는 로그인 방법이에요.', en: 'This way of signing in is not offered.' },
  })
}
