import { timingSafeEqual } from 'node:crypto'
import { ProblemError } from '../../_lib/http/errors.ts'
import type { Provider } from '../provider.ts'
import { hashSecret } from '../refresh-token.ts'
import { getProvider, type LoginAttempt } from './begin-login.ts'
import type { ExchangedCode, LoginProvider } from './provider/login-provider.ts'

/** What the client received from the provider. */
export type LoginProof =
  | {
      kind: 'authorization_code'
      code: string
      state: string
      redirectUri: string
      /** `iss` of the redirect, when it had one (RFC 9207). */
      issuer?: string | undefined
    }
  | { kind: 'id_token'; idToken: string }

export type LoginInput = {
  provider: Provider
  loginAttemptId: string
  proof: LoginProof
  client: 'app' | 'web'
  /** Undefined for an app that names no device. */
  deviceId: string | undefined
}

export type LoggedInAccount = { userId: string; displayName: string | null; isNew: boolean; sessionId: string }

export type OpenedSession = {
  provider: Provider
  identity: ExchangedCode
  client: 'app' | 'web'
  deviceHash: Buffer | undefined
  refreshTokenHash: Buffer
}

export type LoginDeps = {
  findProvider: (provider: Provider) => LoginProvider | undefined
  /** Marks the attempt as used. Resolves to undefined when it is unknown, used, expired, or of another provider. */
  consumeAttempt: (loginAttemptId: string, provider: Provider) => Promise<LoginAttempt | undefined>
  /** Counts a login of an identity that its provider has confirmed. Throws `rate_limited` beyond the limit. */
  countLogin: (provider: Provider, subject: string) => Promise<void>
  /**
   * In one transaction: finds or creates the account of the identity, ends the earlier sessions of the device and those beyond the
   * limit, opens a session with its first refresh token, and requests a profile sync.
   */
  openSession: (session: OpenedSession) => Promise<LoggedInAccount>
  signAccessToken: (person: { userId: string; sessionId: string }) => Promise<string>
  /** Returns a random URL-safe string of at least 256 bits. */
  createSecret: () => string
}

export type LoggedIn = { accessToken: string; refreshToken: string; account: LoggedInAccount }

/** Completes a login attempt with the proof of the provider and opens a session. Throws 400, 401, 404, 429 or 503 as a `ProblemError`. */
export async function login(deps: LoginDeps, input: LoginInput): Promise<LoggedIn> {
  const provider = getProvider(deps.findProvider, input.provider)
  const confirm = proofConfirmer(provider, input.proof)
  // Consumed before any comparison, so that an attempt allows only one guess.
  const attempt = await deps.consumeAttempt(input.loginAttemptId, input.provider)
  if (!attempt) throw attemptInvalid()
  const identity = await confirm(attempt)
  await deps.countLogin(input.provider, identity.subject)
  const refreshToken = deps.createSecret()
  const account = await deps.openSession({
    provider: input.provider,
    identity,
    client: input.client,
    deviceHash: input.deviceId === undefined ? undefined : hashSecret(input.deviceId),
    refreshTokenHash: hashSecret(refreshToken),
  })
  const accessToken = await deps.signAccessToken(account)
  return { accessToken, refreshToken, account }
}

/** Returns the function that confirms this kind of proof. Throws 400 for a kind that the provider does not offer. */
function proofConfirmer(provider: LoginProvider, proof: LoginProof): (attempt: LoginAttempt) => Promise<ExchangedCode> {
  switch (proof.kind) {
    case 'authorization_code':
      return async (attempt) => {
        if (!isSameSecret(attempt.state, proof.state) || attempt.redirectUri !== proof.redirectUri) {
          throw attemptInvalid()
        }
        return provider.exchangeCode({ ...attempt, code: proof.code, issuer: proof.issuer })
      }
    case 'id_token': {
      const { acceptIdToken } = provider
      if (!acceptIdToken) {
        throw new ProblemError('invalid_request', {
          reason: 'login_kind_not_offered',
          detail: {
            ko: '이 로그인 방법은 인가 코드로만 로그인할 수 있어요.',
            en: 'With this provider one can only sign in by authorization code.',
          },
          fields: [{ pointer: '/kind', detail: 'is not offered for this provider' }],
        })
      }
      return (attempt) => acceptIdToken({ idToken: proof.idToken, nonce: attempt.nonce })
    }
  }
}

const attemptInvalid = () =>
  new ProblemError('invalid_request', {
    reason: 'login_attempt_invalid',
    detail: { ko: '로그인을 처음부터 다시 시도해 주세요.', en: 'Please start signing in again.' },
  })

/** Compares hashes in constant time, so that the duration reveals neither content nor length. */
function isSameSecret(expected: string, given: string): boolean {
  return timingSafeEqual(hashSecret(expected), hashSecret(given))
}
