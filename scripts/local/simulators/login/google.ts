import { createHash } from 'node:crypto'
import { type Exchange, sendJson } from '../http-server.ts'
import type { IssuedTokens } from './grants.ts'
import { decimalSubject, pictureOf } from './people.ts'
import { findBearer, type LoginContext, type Provider, type TokenFailure, type TokenRefusal } from './provider.ts'

const ACCESS_LIFETIME_SECONDS = 3599

export type GoogleOptions = {
  clientId: string
  /** ID tokens contain `accounts.google.com` instead of `https://accounts.google.com`; both are documented. */
  issuerWithoutScheme?: boolean
}

/** Google: refresh tokens only for offline access at consent, at_hash, hosted domains, both forms of `iss`. */
export function google({ clientId, issuerWithoutScheme = false }: GoogleOptions): Provider {
  const subject: Provider['subject'] = (person) => decimalSubject('google', person.seed, 21)

  function identity(context: LoginContext, { authorization: { person, scopes } }: IssuedTokens) {
    const email = scopes.includes('email') ? context.emailOf(person) : undefined
    const domain = email?.address.split('@')[1]
    return {
      ...(email && { email: email.address, email_verified: email.verified }),
      ...(domain && domain !== 'gmail.com' && { hd: domain }),
      ...(scopes.includes('profile') && {
        name: person.displayName,
        given_name: person.displayName,
        picture: pictureOf(person),
      }),
    }
  }

  function userinfo(context: LoginContext, exchange: Exchange): void {
    const tokens = findBearer(context, exchange)
    if (tokens) {
      sendJson(exchange.response, 200, { sub: subject(tokens.authorization.person), ...identity(context, tokens) })
      return
    }
    const body = { error: 'invalid_request', error_description: 'Invalid Credentials' }
    sendJson(exchange.response, 401, body, { 'www-authenticate': 'Bearer error="invalid_token"' })
  }

  return {
    name: 'google',
    paths: { authorize: '/o/oauth2/v2/auth', token: '/token', jwks: '/oauth2/v3/certs' },
    discovery: (issuer) => ({
      issuer,
      authorization_endpoint: `${issuer}/o/oauth2/v2/auth`,
      token_endpoint: `${issuer}/token`,
      userinfo_endpoint: `${issuer}/v1/userinfo`,
      revocation_endpoint: `${issuer}/revoke`,
      jwks_uri: `${issuer}/oauth2/v3/certs`,
      response_types_supported: ['code'],
      subject_types_supported: ['public'],
      id_token_signing_alg_values_supported: ['RS256'],
      scopes_supported: ['openid', 'email', 'profile'],
      token_endpoint_auth_methods_supported: ['client_secret_post', 'client_secret_basic'],
      grant_types_supported: ['authorization_code', 'refresh_token'],
      code_challenge_methods_supported: ['plain', 'S256'],
      claims_supported: ['aud', 'email', 'email_verified', 'exp', 'iat', 'iss', 'name', 'sub'],
    }),
    stateRequired: false,
    stateAtToken: false,
    plainChallenge: true,
    echoesNonce: true,
    basicAuthentication: true,
    publicClients: false,
    accessLifetimeSeconds: ACCESS_LIFETIME_SECONDS,
    refreshLifetimeSeconds: Number.POSITIVE_INFINITY,
    refreshRenewalSeconds: 0,
    parseScopes: (scope) => scope?.split(' ').filter(Boolean) ?? [],
    refreshes: (parameters, firstConsent) =>
      parameters.get('access_type') === 'offline' && (firstConsent || parameters.get('prompt') === 'consent'),
    callbackParameters: ({ scopes }) => ({ scope: scopes.join(' '), authuser: '0', prompt: 'none' }),
    tokenRefusal,
    tokenBody: ({ accessToken, refresh, authorization }, idToken, newRefreshToken) => ({
      access_token: accessToken,
      expires_in: ACCESS_LIFETIME_SECONDS,
      ...(newRefreshToken && { refresh_token: refresh.token }),
      scope: authorization.scopes.join(' '),
      token_type: 'Bearer',
      ...(idToken && { id_token: idToken }),
    }),
    subject,
    claims: (context, tokens) => ({
      azp: clientId,
      // OpenID Connect Core 3.1.3.6: the left half of the access token's hash.
      at_hash: createHash('sha256').update(tokens.accessToken).digest().subarray(0, 16).toString('base64url'),
      ...identity(context, tokens),
    }),
    ...(issuerWithoutScheme && { tokenIssuer: (issuer: string) => issuer.replace(/^https?:\/\//, '') }),
    profileRoutes: { 'GET /v1/userinfo': userinfo, 'POST /v1/userinfo': userinfo, 'POST /revoke': revoke },
  }
}

function revoke(context: LoginContext, { response, body, url }: Exchange): void {
  const token = new URLSearchParams(body.toString()).get('token') ?? url.searchParams.get('token') ?? ''
  const tokens = context.grants.findByAccessToken(token) ?? context.grants.findByRefreshToken(token)
  if (!tokens) {
    sendJson(response, 400, { error: 'invalid_token', error_description: 'Token expired or revoked' })
    return
  }
  // Revoking one token of a grant revokes the whole grant.
  context.grants.revokePerson(tokens.authorization.person.seed)
  sendJson(response, 200, {})
}

function tokenRefusal(failure: TokenFailure): TokenRefusal {
  const refuse = (status: number, error: string, error_description: string) => ({
    status,
    body: { error, error_description },
  })
  switch (failure) {
    case 'unknown_client':
      return refuse(401, 'invalid_client', 'The OAuth client was not found.')
    case 'wrong_secret':
      return refuse(401, 'invalid_client', 'Unauthorized')
    case 'redirect_mismatch':
      return refuse(400, 'redirect_uri_mismatch', 'Bad Request')
    case 'unsupported_grant_type':
      return refuse(400, 'unsupported_grant_type', 'Invalid grant_type')
    case 'missing_parameter':
      return refuse(400, 'invalid_request', 'Missing required parameter')
    case 'verifier_mismatch':
      return refuse(400, 'invalid_grant', 'Invalid code verifier.')
    default:
      return refuse(400, 'invalid_grant', 'Bad Request')
  }
}
