import { createHash, timingSafeEqual } from 'node:crypto'
import type { Authorization, IssuedTokens, RefreshGrant } from './grants.ts'
import type { LoginContext, Provider, TokenFailure, TokenRefusal } from './provider.ts'

export type TokenRequest = { form: URLSearchParams; authorizationHeader: string | undefined }
/** `newRefreshToken` says whether the answer contains the refresh token. */
export type TokenAnswer = { tokens: IssuedTokens; newRefreshToken: boolean } | TokenRefusal

/** The token endpoint: code and refresh grants, and further grants of the provider. */
export function exchangeToken(context: LoginContext, provider: Provider, request: TokenRequest): TokenAnswer {
  const { form } = request
  const refuse = (failure: TokenFailure) => provider.tokenRefusal(failure)
  const client = readClient(provider, request)
  if (client.id !== context.clientId) return refuse(client.id ? 'unknown_client' : 'missing_parameter')
  const hasSecret = client.secret !== undefined && isSame(client.secret, context.clientSecret)
  if (!hasSecret && !(provider.publicClients && client.secret === undefined)) return refuse('wrong_secret')
  switch (form.get('grant_type')) {
    case 'authorization_code': {
      if (!form.get('code')) return refuse('missing_parameter')
      const authorization = context.grants.takeCode(form.get('code') ?? '')
      const failure = checkExchange(provider, form, authorization, hasSecret)
      if (failure || !authorization) return refuse(failure ?? 'unknown_code')
      return issue(context, provider, authorization)
    }
    case 'refresh_token': {
      const earlier = hasSecret && context.grants.findByRefreshToken(form.get('refresh_token') ?? '')
      return earlier
        ? issue(context, provider, earlier.authorization, earlier.refresh)
        : refuse('unknown_refresh_token')
    }
    default:
      return provider.otherGrants?.[form.get('grant_type') ?? '']?.(context, form) ?? refuse('unsupported_grant_type')
  }
}

/** A long-lived refresh token is kept and not returned again; one near its end is replaced. */
function issue(
  { grants, now }: LoginContext,
  provider: Provider,
  authorization: Authorization,
  earlier?: RefreshGrant,
): TokenAnswer {
  const renewalMs = provider.refreshRenewalSeconds * 1000
  const kept = earlier && earlier.expiresAtMs - now().getTime() >= renewalMs ? earlier : undefined
  if (earlier && !kept) grants.endRefreshToken(earlier.token)
  const refresh = kept ?? grants.createRefreshGrant(provider.refreshLifetimeSeconds)
  const tokens = grants.issueTokens(authorization, provider.accessLifetimeSeconds, refresh)
  return { tokens, newRefreshToken: !kept && authorization.refreshable }
}

function checkExchange(
  provider: Provider,
  form: URLSearchParams,
  authorization: Authorization | undefined,
  hasSecret: boolean,
): TokenFailure | undefined {
  if (!authorization) return 'unknown_code'
  if (form.get('redirect_uri') !== authorization.redirectUri) return 'redirect_mismatch'
  if (provider.stateAtToken && form.get('state') !== authorization.state) return 'state_mismatch'
  if (!hasSecret && !authorization.challenge) return 'wrong_secret'
  return isVerified(authorization.challenge, form.get('code_verifier')) ? undefined : 'verifier_mismatch'
}

/** A verifier without a challenge is refused too (RFC 9700 2.1.1), so that no challenge can be stripped. */
function isVerified(challenge: Authorization['challenge'], verifier: string | null): boolean {
  if (!challenge || verifier === null) return !challenge && verifier === null
  const found = challenge.method === 'S256' ? createHash('sha256').update(verifier).digest('base64url') : verifier
  return isSame(found, challenge.value)
}

function readClient(provider: Provider, { form, authorizationHeader }: TokenRequest): { id?: string; secret?: string } {
  const [, basic] = (provider.basicAuthentication && /^Basic (.+)$/i.exec(authorizationHeader ?? '')) || []
  const [id, secret] = basic
    ? Buffer.from(basic, 'base64')
        .toString()
        .split(':')
        .map((part) => new URLSearchParams(`v=${part}`).get('v') ?? '')
    : [form.get('client_id'), form.get('client_secret')]
  return { ...(id != null && { id }), ...(secret != null && { secret }) }
}

function isSame(a: string, b: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest()
  return timingSafeEqual(digest(a), digest(b))
}
