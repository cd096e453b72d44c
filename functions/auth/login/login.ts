import { timingSafeEqual } from 'node:crypto'
import { ProblemError } from '../../_lib/errors.ts'
import type { Provider } from '../provider.ts'
import { hashSecret } from '../refresh-token.ts'
import { getProvider, type LoginAttempt } from './begin-login.ts'
import type { LoginProvider, ProviderIdentity } from './login-provider.ts'

export type LoginInput = {
  provider: Provider
  loginAttemptId: string
  code: string
  state: string
  redirectUri: string
  /** `iss` of the redirect, when it had one (RFC 9207). */
  issuer?: string | undefined
}

export type LoggedInAccount = { userId: string; displayName: string | null; isNew: boolean; sessionId: string }

export type LoginDeps = {
  findProvider: (provider: Provider) => LoginProvider | undefined
  /** Marks the attempt as used; undefined when it is unknown, used, too old, or another provider's. */
  consumeAttempt: (loginAttemptId: string, provider: Provider) => Promise<LoginAttempt | undefined>
  /** Finds or makes the account of the identity, and opens a session with its first refresh token, in one transaction. */
  openSession: (
    provider: Provider,
    identity: ProviderIdentity,
    refreshToken: { hash: Buffer },
  ) => Promise<LoggedInAccount>
  signAccessToken: (person: { userId: string; sessionId: string }) => Promise<string>
  /** An unguessable URL-safe word of at least 256 bit. */
  createSecret: () => string
}

export type LoggedIn = { accessToken: string; refreshToken: string; account: LoggedInAccount }

/** Ends a login attempt with the code that the provider sent back, and opens a new session. */
export async function login(deps: LoginDeps, input: LoginInput): Promise<LoggedIn> {
  const provider = getProvider(deps.findProvider, input.provider)
  // Used up before anything is compared, so that an attempt cannot be guessed at twice.
  const attempt = await deps.consumeAttempt(input.loginAttemptId, input.provider)
  if (!attempt || !isSameSecret(attempt.state, input.state) || attempt.redirectUri !== input.redirectUri) {
    throw new ProblemError('invalid_request', {
      reason: 'login_attempt_invalid',
      detail: { ko: '로그인을 처음부터 다시 시도해 주세요.', en: 'Please start signing in again.' },
    })
  }
  const identity = await provider.exchangeCode({ ...attempt, code: input.code, issuer: input.issuer })
  const refreshToken = deps.createSecret()
  const account = await deps.openSession(input.provider, identity, { hash: hashSecret(refreshToken) })
  const accessToken = await deps.signAccessToken(account)
  return { accessToken, refreshToken, account }
}

/** Compares hashes, so that neither content nor length shows in the time it takes. */
function isSameSecret(expected: string, given: string): boolean {
  return timingSafeEqual(hashSecret(expected), hashSecret(given))
}
