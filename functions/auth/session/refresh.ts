import { ProblemError } from '../../_lib/http/errors.ts'
import { tooManyRequests } from '../../_lib/limits/rate-limit.ts'
import type { Logger } from '../../_lib/process/log.ts'
import { hashSecret, successorOf } from '../refresh-token.ts'

export type RefreshedSession = { sessionId: string; userId: string; displayName: string | null; endsAt: Date }

export type SpendOutcome =
  /** The token was live: it is now spent and its successor is live. */
  | { kind: 'rotated'; session: RefreshedSession }
  /** The same device spent the token seconds ago: a response was lost, or two requests crossed. */
  | { kind: 'repeated'; session: RefreshedSession }
  /** The token was spent before and may have been stolen: its session has now ended. */
  | { kind: 'reused'; sessionId: string }
  | { kind: 'other_device'; sessionId: string }
  | { kind: 'expired' }
  /** The session was refreshed too often within the hour; the token stays unspent. */
  | { kind: 'too_many'; retryAfterSeconds: number }
  | { kind: 'unknown' }

export type RefreshDeps = {
  spendToken: (spent: {
    tokenHash: Buffer
    successorHash: Buffer
    deviceHash: Buffer | undefined
    refreshesPerHourMax: number
  }) => Promise<SpendOutcome>
  /** Limit of one session; `spendToken` counts. */
  refreshesPerHourMax: number
  signAccessToken: (person: { userId: string; sessionId: string }) => Promise<string>
  refreshTokenKey: string
  log: Logger
}

export type RefreshInput = { refreshToken: string; deviceId: string | undefined }

export type Refreshed = { accessToken: string; refreshToken: string; session: RefreshedSession }

/** Exchanges a refresh token for its successor and a new access token (RFC 9700, 4.14.2). Throws 401 or 429. */
export async function refresh(deps: RefreshDeps, input: RefreshInput): Promise<Refreshed> {
  const successor = successorOf(deps.refreshTokenKey, input.refreshToken)
  const outcome = await deps.spendToken({
    tokenHash: hashSecret(input.refreshToken),
    successorHash: hashSecret(successor),
    deviceHash: input.deviceId === undefined ? undefined : hashSecret(input.deviceId),
    refreshesPerHourMax: deps.refreshesPerHourMax,
  })
  switch (outcome.kind) {
    case 'rotated':
    case 'repeated': {
      const accessToken = await deps.signAccessToken(outcome.session)
      return { accessToken, refreshToken: successor, session: outcome.session }
    }
    case 'reused':
      deps.log.warn('A spent refresh token was used again; its session has ended', { session_id: outcome.sessionId })
      throw refused('token_reuse')
    case 'other_device':
      deps.log.warn('A refresh token came from another device', { session_id: outcome.sessionId })
      throw refused('token_invalid')
    case 'too_many':
      throw tooManyRequests(
        { name: 'auth-refresh-session', limit: deps.refreshesPerHourMax, windowSeconds: 3600 },
        outcome.retryAfterSeconds,
      )
    case 'expired':
      throw refused('session_ended')
    case 'unknown':
      throw refused('token_invalid')
  }
}

const refused = (reason: 'token_reuse' | 'token_invalid' | 'session_ended') =>
  new ProblemError('unauthenticated', {
    reason,
    detail: { ko: '다시 로그인해 주세요.', en: 'Please sign in again.' },
    headers: { 'www-authenticate': 'Bearer error="invalid_token"' },
  })
