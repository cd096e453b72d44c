import { type Exchange, sendJson } from '../http-server.ts'
import type { IssuedTokens } from './grants.ts'
import { createPerson, decimalSubject, type Person, pictureOf } from './people.ts'
import { findBearer, type LoginContext, type Provider, type TokenFailure, type TokenRefusal } from './provider.ts'

const ACCESS_LIFETIME_SECONDS = 43_199
const REFRESH_LIFETIME_SECONDS = 5_184_000
// A refresh answers with a new refresh token only in the last month of the old one.
const RENEWAL_SECONDS = 30 * 86_400
const ALL_SCOPES = ['openid', 'profile_nickname', 'account_email']
// 19 digits, as in Kakao's own samples, so that no subject fits the integers of JSON.parse.
const ID_DIGITS = 19

type LinkedPerson = Pick<IssuedTokens['authorization'], 'person' | 'scopes' | 'authTimeSeconds'>

export type KakaoOptions = {
  /** `app_id` in access_token_info. */
  appId?: number
  /** Key of `KakaoAK` calls; without it they are refused. */
  adminKey?: string
}

/** Kakao: identifiers beyond 2^53 as bare JSON numbers, KOE error codes, refresh tokens that are renewed late. */
export function kakao({ appId = 1_000_001, adminKey }: KakaoOptions = {}): Provider {
  // Odd, because no odd number beyond 2^53 is a JavaScript number: a client that parses it as one always fails.
  const idOf = (person: Person) => String(BigInt(`1${decimalSubject('kakao', person.seed, ID_DIGITS - 1)}`) | 1n)
  // The identifier is inserted as text, because no JavaScript number can hold it.
  const withId = (id: string, fields: object = {}) => {
    const rest = JSON.stringify(fields).slice(1)
    return `{"id":${id}${rest === '}' ? '' : ','}${rest}`
  }
  const known =
    (answer: (context: LoginContext, exchange: Exchange, tokens: IssuedTokens) => void) =>
    (context: LoginContext, exchange: Exchange) => {
      const tokens = findBearer(context, exchange)
      if (tokens) answer(context, exchange, tokens)
      else sendJson(exchange.response, 401, { msg: 'this access token does not exist', code: -401 })
    }

  const sendMe = (context: LoginContext, response: Exchange['response'], linked: LinkedPerson) => {
    const { person, scopes, authTimeSeconds } = linked
    const email = scopes.includes('account_email') ? context.emailOf(person) : undefined
    const at = `${new Date(authTimeSeconds * 1000).toISOString().slice(0, 19)}Z`
    const profile = {
      nickname: person.displayName,
      is_default_nickname: false,
      profile_image_url: pictureOf(person),
      is_default_image: false,
    }
    const account = {
      profile_nickname_needs_agreement: false,
      ...(scopes.includes('profile_nickname') && { profile }),
      has_email: email !== undefined,
      email_needs_agreement: false,
      ...(email && { is_email_valid: true, is_email_verified: email.verified, email: email.address }),
    }
    sendJson(
      response,
      200,
      withId(idOf(person), { connected_at: at, properties: { nickname: person.displayName }, kakao_account: account }),
    )
  }
  const meBearer = known((context, { response }, { authorization }) => sendMe(context, response, authorization))
  const userinfo = known((context, { response }, { authorization: { person, scopes } }) => {
    const email = scopes.includes('account_email') ? context.emailOf(person) : undefined
    sendJson(response, 200, {
      sub: idOf(person),
      ...(scopes.includes('profile_nickname') && { nickname: person.displayName }),
      ...(email && { email: email.address, email_verified: email.verified }),
    })
  })
  const tokenInfo = known((context, { response }, { authorization: { person }, expiresAtMs }) => {
    const leftMs = expiresAtMs - context.now().getTime()
    const left = { expires_in: Math.floor(leftMs / 1000), app_id: appId, expiresInMillis: leftMs, appId }
    sendJson(response, 200, withId(idOf(person), left))
  })
  const logout = known((context, { response }, tokens) => {
    context.grants.revoke(tokens)
    sendJson(response, 200, withId(idOf(tokens.authorization.person)))
  })
  const unlinkBearer = known((context, { response }, { authorization: { person } }) => {
    context.grants.revokePerson(person.seed)
    sendJson(response, 200, withId(idOf(person)))
  })
  /** The person that a call with the admin key names; answers the call itself when the key is wrong or the person unknown. */
  const findTarget = (context: LoginContext, exchange: Exchange): Person | undefined => {
    const form = exchange.method === 'GET' ? exchange.url.searchParams : new URLSearchParams(exchange.body.toString())
    if (adminKey === undefined || exchange.request.headers.authorization !== `KakaoAK ${adminKey}`) {
      sendJson(exchange.response, 401, { msg: 'wrong appKey format', code: -401 })
      return undefined
    }
    const person = context.grants.people().find((one) => idOf(one) === form.get('target_id'))
    if (form.get('target_id_type') === 'user_id' && person) return person
    sendJson(exchange.response, 400, { msg: 'not registered user', code: -101 })
    return undefined
  }
  const byAdminKey = ({ request }: Exchange) => request.headers.authorization?.startsWith('KakaoAK ') === true
  const me = (context: LoginContext, exchange: Exchange) => {
    if (!byAdminKey(exchange)) return meBearer(context, exchange)
    const person = findTarget(context, exchange)
    if (!person) return
    const authTimeSeconds = Math.floor(context.now().getTime() / 1000)
    sendMe(context, exchange.response, { person, scopes: ALL_SCOPES, authTimeSeconds })
  }
  const unlink = (context: LoginContext, exchange: Exchange) => {
    if (!byAdminKey(exchange)) return unlinkBearer(context, exchange)
    const person = findTarget(context, exchange)
    if (!person) return
    context.grants.revokePerson(person.seed)
    sendJson(exchange.response, 200, withId(idOf(person)))
  }

  return {
    name: 'kakao',
    paths: { authorize: '/oauth/authorize', token: '/oauth/token', jwks: '/.well-known/jwks.json' },
    discovery: (issuer) => ({
      issuer,
      authorization_endpoint: `${issuer}/oauth/authorize`,
      token_endpoint: `${issuer}/oauth/token`,
      userinfo_endpoint: `${issuer}/v1/oidc/userinfo`,
      jwks_uri: `${issuer}/.well-known/jwks.json`,
      token_endpoint_auth_methods_supported: ['client_secret_post'],
      subject_types_supported: ['public'],
      id_token_signing_alg_values_supported: ['RS256'],
      request_uri_parameter_supported: false,
      response_types_supported: ['code'],
      response_modes_supported: ['query'],
      grant_types_supported: ['authorization_code', 'refresh_token'],
      code_challenge_methods_supported: ['S256'],
      claims_supported: ['iss', 'aud', 'sub', 'auth_time', 'exp', 'iat', 'nonce', 'nickname', 'picture', 'email'],
    }),
    stateRequired: false,
    stateAtToken: false,
    plainChallenge: false,
    echoesNonce: true,
    basicAuthentication: false,
    publicClients: false,
    accessLifetimeSeconds: ACCESS_LIFETIME_SECONDS,
    refreshLifetimeSeconds: REFRESH_LIFETIME_SECONDS,
    refreshRenewalSeconds: RENEWAL_SECONDS,
    parseScopes: (scope) => scope?.split(/[ ,]+/).filter(Boolean) ?? ALL_SCOPES,
    refreshes: () => true,
    tokenRefusal,
    tokenBody: ({ accessToken, refresh, authorization }, idToken, newRefreshToken) => ({
      token_type: 'bearer',
      access_token: accessToken,
      ...(idToken && { id_token: idToken }),
      expires_in: ACCESS_LIFETIME_SECONDS,
      ...(newRefreshToken && { refresh_token: refresh.token, refresh_token_expires_in: REFRESH_LIFETIME_SECONDS }),
      scope: authorization.scopes.join(' '),
    }),
    subject: idOf,
    claims: (context, { authorization: { person, scopes, authTimeSeconds } }) => {
      // The address is in the token only when it is valid and verified; there is no email_verified.
      const email = scopes.includes('account_email') ? context.emailOf(person) : undefined
      return {
        auth_time: authTimeSeconds,
        ...(scopes.includes('profile_nickname') && { nickname: person.displayName }),
        ...(email?.verified && { email: email.address }),
      }
    },
    profileRoutes: {
      'GET /v2/user/me': me,
      'POST /v2/user/me': me,
      'GET /v1/oidc/userinfo': userinfo,
      'POST /v1/oidc/userinfo': userinfo,
      'GET /v1/user/access_token_info': tokenInfo,
      'POST /v1/user/unlink': unlink,
      'POST /v1/user/logout': logout,
    },
  }
}

/** The identifier derived from a name, for tests and seeds. */
export function kakaoIdOf(name: string): string {
  return kakao().subject(createPerson(name))
}

function tokenRefusal(failure: TokenFailure): TokenRefusal {
  const refuse = (status: number, error: string, error_code: string, error_description: string) => ({
    status,
    body: { error, error_description, error_code },
  })
  switch (failure) {
    case 'unknown_client':
      return refuse(401, 'invalid_client', 'KOE101', 'Not exist client_id.')
    case 'wrong_secret':
      return refuse(401, 'invalid_client', 'KOE010', 'Bad client credentials.')
    case 'redirect_mismatch':
      return refuse(400, 'invalid_grant', 'KOE303', 'Redirect URI mismatch.')
    case 'unknown_refresh_token':
      return refuse(400, 'invalid_grant', 'KOE322', 'Invalid refresh token.')
    case 'unsupported_grant_type':
      return refuse(400, 'unsupported_grant_type', 'KOE310', 'Unsupported grant type.')
    case 'missing_parameter':
      return refuse(400, 'invalid_request', 'KOE309', 'A required parameter is missing.')
    default:
      return refuse(400, 'invalid_grant', 'KOE320', 'Authorization code not found.')
  }
}
