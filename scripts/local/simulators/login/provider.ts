import type { JWTPayload } from 'jose'
import type { Exchange } from '../http-server.ts'
import type { Authorization, Grants, IssuedTokens } from './grants.ts'
import type { LoginFaultSettings } from './login-faults.ts'
import type { Person } from './people.ts'

export type ProviderName = 'kakao' | 'naver' | 'google'

/** Errors of the token endpoint. */
export type TokenFailure =
  | 'missing_parameter'
  | 'unsupported_grant_type'
  | 'unknown_client'
  | 'wrong_secret'
  | 'unknown_code'
  | 'redirect_mismatch'
  | 'verifier_mismatch'
  | 'state_mismatch'
  | 'unknown_refresh_token'

export type TokenRefusal = { status: number; body: object }

/** The e-mail address that the provider returns under the current settings. */
export type PersonEmail = { address: string; verified: boolean }

/** Shared by every part of one simulator. */
export type LoginContext = {
  issuer: string
  clientId: string
  clientSecret: string
  /** Exact values, or undefined for any loopback address. */
  redirectUris?: readonly string[]
  grants: Grants
  now: () => Date
  settings: () => LoginFaultSettings
  emailOf: (person: Person) => PersonEmail | undefined
}

/** What differs between the providers. */
export type Provider = {
  name: ProviderName
  paths: { authorize: string; token: string; jwks: string }
  discovery: (issuer: string) => object
  stateRequired: boolean
  /** Whether the token request must repeat the state. */
  stateAtToken: boolean
  plainChallenge: boolean
  echoesNonce: boolean
  basicAuthentication: boolean
  /** A client with a code challenge may omit its secret. */
  publicClients: boolean
  accessLifetimeSeconds: number
  refreshLifetimeSeconds: number
  /** A refresh in this last part of a refresh token's lifetime replaces it. */
  refreshRenewalSeconds: number
  /** The scopes granted for the `scope` parameter. */
  parseScopes: (scope: string | null) => string[]
  /** Whether this authorization includes a refresh token. */
  refreshes: (parameters: URLSearchParams, firstConsent: boolean) => boolean
  /** Added to the redirect back to the client. */
  callbackParameters?: (authorization: Authorization) => Record<string, string>
  tokenRefusal: (failure: TokenFailure) => TokenRefusal
  tokenBody: (tokens: IssuedTokens, idToken: string | undefined, newRefreshToken: boolean) => object
  subject: (person: Person) => string
  /** Claims besides iss, aud, sub, iat, exp and nonce. */
  claims: (context: LoginContext, tokens: IssuedTokens) => JWTPayload
  /** `iss` of ID tokens; the issuer of the discovery document when absent. */
  tokenIssuer?: (issuer: string) => string
  /** Form grants of the token endpoint besides code and refresh, by `grant_type`. */
  otherGrants?: Record<string, (context: LoginContext, form: URLSearchParams) => TokenRefusal>
  /** Other endpoints, by `METHOD path`. */
  profileRoutes: Record<string, (context: LoginContext, exchange: Exchange) => void>
}

/** The valid tokens of a bearer header. */
export function findBearer(context: LoginContext, { request }: Exchange): IssuedTokens | undefined {
  const [, token] = /^Bearer (.+)$/i.exec(request.headers.authorization ?? '') ?? []
  return token ? context.grants.findByAccessToken(token) : undefined
}
