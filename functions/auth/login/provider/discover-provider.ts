import { createLocalJWKSet, type JSONWebKeySet, type JWTVerifyGetKey } from 'jose'
import * as oauth from 'oauth4webapi'
import { fetchBounded } from '../../../_lib/outbound/fetch-bounded.ts'
import { createRefreshingCache, type RefreshingCache } from './refreshing-cache.ts'

export type DiscoveredProvider = {
  server: oauth.AuthorizationServer & { authorization_endpoint: string; token_endpoint: string }
  keys: RefreshingCache<JWTVerifyGetKey>
}

export const requestTimeoutMs = 3_000

/** Options of each request to a provider: a deadline of 3 s, a size limit, and TLS except for simulators on this machine. */
export function requestOptions(issuer: URL) {
  return {
    [oauth.allowInsecureRequests]: isLocal(issuer),
    [oauth.customFetch]: fetchBounded as (
      url: string,
      init: oauth.CustomFetchOptions<string, unknown>,
    ) => Promise<Response>,
    signal: AbortSignal.timeout(requestTimeoutMs),
  }
}

/** Caches the discovery document of an issuer, and its keys for as long as the document names the same key set. */
export function discoverProvider(issuer: URL, nowMs: () => number): RefreshingCache<DiscoveredProvider> {
  let last: { keysUrl: string; keys: RefreshingCache<JWTVerifyGetKey> } | undefined
  return createRefreshingCache({
    nowMs,
    read: async () => {
      const response = await oauth.discoveryRequest(issuer, requestOptions(issuer))
      const server = await oauth.processDiscoveryResponse(issuer, response)
      const { authorization_endpoint, token_endpoint, jwks_uri: keysUrl } = server
      if (!authorization_endpoint || !token_endpoint || !keysUrl) {
        throw new Error('A discovery document lacks "authorization_endpoint", "token_endpoint" or "jwks_uri"')
      }
      if (new URL(keysUrl).protocol !== 'https:' && !isLocal(issuer)) {
        throw new Error('"jwks_uri" of a discovery document is not an https URL')
      }
      if (last?.keysUrl !== keysUrl)
        last = { keysUrl, keys: createRefreshingCache({ nowMs, read: () => readKeys(keysUrl) }) }
      return { server: { ...server, authorization_endpoint, token_endpoint }, keys: last.keys }
    },
  })
}

async function readKeys(url: string): Promise<JWTVerifyGetKey> {
  const response = await fetchBounded(url, {
    headers: { accept: 'application/json' },
    signal: AbortSignal.timeout(requestTimeoutMs),
  })
  if (response.status !== 200) {
    await response.body?.cancel()
    throw new Error(`A key set answered ${response.status}, expected 200`)
  }
  const keySet = (await response.json()) as JSONWebKeySet
  try {
    return createLocalJWKSet(keySet)
  } catch (cause) {
    // Wrapped, since an error of jose means an invalid token, and here the provider is at fault.
    throw new Error('A key set is malformed', { cause })
  }
}

/** Whether the issuer is a simulated provider on this machine: only there plain HTTP is allowed. */
function isLocal(issuer: URL): boolean {
  return issuer.protocol === 'http:' && issuer.hostname === '127.0.0.1'
}
