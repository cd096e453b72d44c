import { createRemoteJWKSet, errors as joseErrors, jwtVerify } from 'jose'
import * as oauth from 'oauth4webapi'
import { ProblemError } from '../../_lib/errors.ts'
import { type Provider, providerProfiles } from '../provider.ts'
import type { ProviderAccess } from './config.ts'
import type { LoginProvider } from './login-provider.ts'

const requestTimeoutMs = 3_000
const discoveryAgeMsMax = 600_000
const idTokenAge = '10m'
// A constant: the header of a token must not choose how it is verified (RFC 8725, 3.1).
const idTokenAlgorithms = ['RS256']

/** An OpenID provider by authorization code with state, nonce and PKCE. */
export function createOidcProvider(provider: Provider, access: ProviderAccess, now = Date.now): LoginProvider {
  const profile = providerProfiles[provider]
  const issuer = new URL(access.issuer)
  const client: oauth.Client = { client_id: access.client_id }
  const clientAuthentication = oauth.ClientSecretPost(access.client_secret)
  // Plain HTTP only towards the simulated providers of this machine.
  const insecure = issuer.protocol === 'http:' && issuer.hostname === '127.0.0.1'
  const request = () => ({ [oauth.allowInsecureRequests]: insecure, signal: AbortSignal.timeout(requestTimeoutMs) })
  let known:
    | { server: oauth.AuthorizationServer; keys: ReturnType<typeof createRemoteJWKSet>; atMs: number }
    | undefined

  const discover = async () => {
    if (known && now() - known.atMs < discoveryAgeMsMax) return known
    try {
      const response = await oauth.discoveryRequest(issuer, request())
      const server = await oauth.processDiscoveryResponse(issuer, response)
      if (!server.jwks_uri) throw new Error('The discovery document names no "jwks_uri"')
      known = { server, keys: known?.keys ?? createRemoteJWKSet(new URL(server.jwks_uri)), atMs: now() }
    } catch (error) {
      // What was known still holds while the provider is away.
      if (!known) throw unavailable(provider, error)
    }
    return known
  }

  return {
    authorizeUrl: async (attempt) => {
      const { server } = await discover()
      if (!server.authorization_endpoint) throw unavailable(provider, undefined)
      const url = new URL(server.authorization_endpoint)
      const parameters = {
        client_id: access.client_id,
        redirect_uri: attempt.redirectUri,
        response_type: 'code',
        scope: profile.scope,
        state: attempt.state,
        code_challenge: await oauth.calculatePKCECodeChallenge(attempt.codeVerifier),
        code_challenge_method: 'S256',
        ...(profile.echoesNonce && { nonce: attempt.nonce }),
      }
      for (const [name, value] of Object.entries(parameters)) url.searchParams.set(name, value)
      return url.href
    },
    exchangeCode: async (grant) => {
      const { server, keys } = await discover()
      try {
        const parameters = oauth.validateAuthResponse(
          server,
          client,
          new URLSearchParams({ code: grant.code, state: grant.state }),
          grant.state,
        )
        const response = await oauth.authorizationCodeGrantRequest(
          server,
          client,
          clientAuthentication,
          parameters,
          grant.redirectUri,
          grant.codeVerifier,
          {
            ...request(),
            ...(profile.stateAtTokenEndpoint && { additionalParameters: { state: grant.state } }),
          },
        )
        if (response.status >= 500 || response.status === 429) throw unavailable(provider, undefined)
        const body = (await response.json()) as { id_token?: unknown }
        // Naver answers errors with 200, so what counts is the token and not the status.
        if (typeof body.id_token !== 'string') throw refused(provider, undefined)
        const { payload } = await jwtVerify(body.id_token, keys, {
          algorithms: idTokenAlgorithms,
          issuer: [server.issuer, ...profile.issuerAliases],
          audience: access.client_id,
          maxTokenAge: idTokenAge,
          clockTolerance: 30,
          requiredClaims: ['sub', 'iat', 'exp'],
          currentDate: new Date(now()),
        })
        if (profile.echoesNonce && payload.nonce !== grant.nonce) throw refused(provider, undefined)
        const name = payload.nickname ?? payload.name
        return { subject: String(payload.sub), displayName: typeof name === 'string' ? name.slice(0, 80) : undefined }
      } catch (error) {
        throw toProblem(provider, error)
      }
    },
  }
}

function toProblem(provider: Provider, error: unknown): ProblemError {
  if (error instanceof ProblemError) return error
  if (error instanceof joseErrors.JWKSTimeout) return unavailable(provider, error)
  if (error instanceof joseErrors.JOSEError) {
    // jose reports a key set that answers with an error by its base class.
    return error.code === 'ERR_JOSE_GENERIC' ? unavailable(provider, error) : refused(provider, error)
  }
  if (error instanceof oauth.AuthorizationResponseError || error instanceof oauth.ResponseBodyError) {
    return refused(provider, error)
  }
  return unavailable(provider, error)
}

const providerNames: Record<Provider, { ko: string; en: string }> = {
  kakao: { ko: '카카오', en: 'Kakao' },
  naver: { ko: '네이버', en: 'Naver' },
  google: { ko: '구글', en: 'Google' },
}

const unavailable = (provider: Provider, cause: unknown) =>
  new ProblemError('unavailable', {
    reason: 'provider_unavailable',
    detail: {
      ko: `${providerNames[provider].ko} 로그인이 지금 응답하지 않아요. 잠시 뒤에 다시 시도해 주세요.`,
      en: `${providerNames[provider].en} does not answer right now. Please try again later.`,
    },
    retryAfterSeconds: 5,
    cause,
  })

const refused = (provider: Provider, cause: unknown) =>
  new ProblemError('unauthenticated', {
    reason: 'login_refused',
    detail: {
      ko: `${providerNames[provider].ko} 로그인을 확인하지 못했어요.`,
      en: `The sign-in with ${providerNames[provider].en} could not be confirmed.`,
    },
    cause,
  })
