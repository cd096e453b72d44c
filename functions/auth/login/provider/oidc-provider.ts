import * as oauth from 'oauth4webapi'
import { type Provider, providerProfiles } from '../../provider.ts'
import type { ProviderAccess } from '../variables.ts'
import { discoverProvider, requestOptions } from './discover-provider.ts'
import type { IssuedTokens, LoginProvider } from './login-provider.ts'
import { loginRefused, providerUnavailable, toLoginProblem } from './provider-problem.ts'
import { verifyIdToken } from './verify-id-token.ts'

/** Creates the client of an OpenID provider for the authorization code flow with state, nonce and PKCE. */
export function createOidcProvider(provider: Provider, access: ProviderAccess, nowMs = Date.now): LoginProvider {
  const profile = providerProfiles[provider]
  const issuer = new URL(access.issuer)
  const client: oauth.Client = { client_id: access.client_id }
  const clientAuthentication = oauth.ClientSecretPost(access.client_secret)
  const discovered = discoverProvider(issuer, nowMs)
  const discover = () =>
    discovered.get().catch((error: unknown) => {
      throw providerUnavailable(provider, error)
    })

  const verify = async (idToken: string, clientIds: readonly string[], nonce: string) => {
    const { server, keys } = await discovered.get()
    return verifyIdToken(idToken, {
      keys,
      issuers: profile.issuerSchemeOptional
        ? [server.issuer, server.issuer.replace(/^https?:\/\//, '')]
        : [server.issuer],
      clientIds,
      nonce: profile.echoesNonce ? nonce : undefined,
      now: new Date(nowMs()),
    })
  }

  const acceptIdToken: LoginProvider['acceptIdToken'] = async ({ idToken, nonce }) => {
    try {
      return await verify(idToken, [access.client_id, ...(access.client_ids ?? [])], nonce)
    } catch (error) {
      throw toLoginProblem(provider, error)
    }
  }

  return {
    ...(profile.echoesNonce && { acceptIdToken }),
    authorizeUrl: async (attempt) => {
      const { server } = await discover()
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
      const { server } = await discover()
      try {
        const callback = { code: grant.code, state: grant.state, ...(grant.issuer && { iss: grant.issuer }) }
        const response = await oauth.authorizationCodeGrantRequest(
          server,
          client,
          clientAuthentication,
          oauth.validateAuthResponse(server, client, new URLSearchParams(callback), grant.state),
          grant.redirectUri,
          grant.codeVerifier,
          {
            ...requestOptions(issuer),
            ...(profile.stateAtTokenEndpoint && { additionalParameters: { state: grant.state } }),
          },
        )
        const answer = await readTokenAnswer(provider, response)
        const identity = await verify(answer.idToken, [access.client_id], grant.nonce)
        return { ...identity, ...(profile.needsTokens && answer.tokens && { tokens: answer.tokens }) }
      } catch (error) {
        throw toLoginProblem(provider, error)
      }
    },
  }
}

/** Errors of RFC 6749, 5.2, that our configuration causes and not the person: a wrong secret, or a client that is disabled. */
const configurationErrors = new Set(['invalid_client', 'unauthorized_client', 'unsupported_grant_type'])

type TokenAnswer = { idToken: string; tokens: IssuedTokens | undefined }

type TokenBody = Partial<Record<'error' | 'id_token' | 'access_token' | 'refresh_token' | 'expires_in', unknown>>

async function readTokenAnswer(provider: Provider, response: Response): Promise<TokenAnswer> {
  if (response.status >= 500 || response.status === 429) {
    await response.body?.cancel()
    throw providerUnavailable(provider, new Error(`The token endpoint answered ${response.status}`))
  }
  const body = (await response.json()) as TokenBody | null
  // Naver answers errors with 200, so the body decides and not the status.
  if (typeof body?.error === 'string') {
    const code = /^[a-z_]{1,40}$/.test(body.error) ? body.error : 'an unreadable code'
    const cause = new Error(`The token endpoint refused the code with "${code}"`)
    throw configurationErrors.has(body.error) ? providerUnavailable(provider, cause) : loginRefused(provider, cause)
  }
  if (typeof body?.id_token !== 'string') throw loginRefused(provider, new Error('The answer holds no id token'))
  return { idToken: body.id_token, tokens: readTokens(body) }
}

const tokenLengthMax = 4_096
const expiresSecondsDefault = 600
const expiresSecondsMax = 86_400

/** Undefined instead of a refused login when they are malformed: only profile sync and unlink need them. */
function readTokens(body: TokenBody): IssuedTokens | undefined {
  const token = (value: unknown) =>
    typeof value === 'string' && value !== '' && value.length <= tokenLengthMax ? value : undefined
  const accessToken = token(body.access_token)
  // Naver sends the number as text.
  const expires = Number(body.expires_in)
  if (accessToken === undefined) return undefined
  return {
    accessToken,
    refreshToken: token(body.refresh_token),
    expiresSeconds: expires > 0 ? Math.min(expires, expiresSecondsMax) : expiresSecondsDefault,
  }
}
