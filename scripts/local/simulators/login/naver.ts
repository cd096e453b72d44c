import { sendJson } from '../http-server.ts'
import { opaqueSubject, pictureOf } from './people.ts'
import { findBearer, type LoginContext, type Provider, type TokenFailure, type TokenRefusal } from './provider.ts'

const ACCESS_LIFETIME_SECONDS = 3600

export type NaverOptions = {
  clientId: string
  /** Whether ID tokens contain the nonce; the documents list none. */
  echoNonce?: boolean
}

/** Naver's OIDC: `expires_in` as text, errors with HTTP 200, a pairwise subject different from the profile's id. */
export function naver({ clientId, echoNonce = false }: NaverOptions): Provider {
  const me: Provider['profileRoutes'][string] = (context, exchange) => {
    const tokens = findBearer(context, exchange)
    if (!tokens) {
      sendJson(exchange.response, 401, { resultcode: '024', message: 'Authentication failed' })
      return
    }
    const { person } = tokens.authorization
    const email = context.emailOf(person)
    const response = {
      id: opaqueSubject(`naver-id:${clientId}`, person.seed, 43),
      nickname: person.displayName,
      name: person.displayName,
      profile_image: pictureOf(person),
      ...(email && { email: email.address }),
    }
    sendJson(exchange.response, 200, { resultcode: '00', message: 'success', response })
  }

  return {
    name: 'naver',
    paths: { authorize: '/oauth2/authorize', token: '/oauth2/token', jwks: '/oauth2/jwks' },
    discovery: (issuer) => ({
      issuer,
      authorization_endpoint: `${issuer}/oauth2/authorize`,
      token_endpoint: `${issuer}/oauth2/token`,
      userinfo_endpoint: `${issuer}/v1/nid/me`,
      jwks_uri: `${issuer}/oauth2/jwks`,
      response_types_supported: ['code'],
      scopes_supported: ['openid', 'profile'],
      grant_types_supported: ['authorization_code'],
      token_endpoint_auth_methods_supported: ['client_secret_post', 'none'],
      code_challenge_methods_supported: ['S256'],
      subject_types_supported: ['pairwise'],
      id_token_signing_alg_values_supported: ['RS256'],
    }),
    stateRequired: true,
    stateAtToken: true,
    plainChallenge: false,
    echoesNonce: echoNonce,
    basicAuthentication: false,
    publicClients: true,
    accessLifetimeSeconds: ACCESS_LIFETIME_SECONDS,
    refreshLifetimeSeconds: Number.POSITIVE_INFINITY,
    refreshRenewalSeconds: 0,
    parseScopes: (scope) => scope?.split(' ').filter(Boolean) ?? [],
    refreshes: () => true,
    tokenRefusal,
    tokenBody: ({ accessToken, refresh }, idToken, newRefreshToken) => ({
      access_token: accessToken,
      ...(newRefreshToken && { refresh_token: refresh.token }),
      token_type: 'bearer',
      expires_in: String(ACCESS_LIFETIME_SECONDS),
      ...(idToken && { id_token: idToken }),
    }),
    subject: (person) => opaqueSubject(`naver-sub:${clientId}`, person.seed, 43),
    claims: (_, { authorization }) => ({ auth_time: authorization.authTimeSeconds }),
    otherGrants: { delete: deleteToken },
    profileRoutes: { 'GET /v1/nid/me': me, 'POST /v1/nid/me': me },
  }
}

function deleteToken(context: LoginContext, form: URLSearchParams): TokenRefusal {
  const accessToken = form.get('access_token') ?? ''
  const tokens = context.grants.findByAccessToken(accessToken)
  if (!tokens) return refuse('invalid_request', 'The access token is not valid.')
  context.grants.revokePerson(tokens.authorization.person.seed)
  return { status: 200, body: { access_token: accessToken, result: 'success' } }
}

function refuse(error: string, error_description: string): TokenRefusal {
  // Errors have HTTP 200: a client that checks only the status takes them for success.
  return { status: 200, body: { error, error_description } }
}

function tokenRefusal(failure: TokenFailure): TokenRefusal {
  switch (failure) {
    case 'unknown_client':
    case 'wrong_secret':
      return refuse('invalid_client', 'Wrong client id and client secret pair.')
    case 'missing_parameter':
      return refuse('invalid_request', 'A required parameter is missing.')
    case 'state_mismatch':
      return refuse('invalid_request', 'The state is missing or differs from the authorization request.')
    case 'unsupported_grant_type':
      return refuse('unsupported_grant_type', 'The grant type is not supported.')
    default:
      return refuse('invalid_grant', 'No valid data in session.')
  }
}
