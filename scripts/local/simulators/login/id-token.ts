import type { JWTPayload } from 'jose'
import type { IssuedTokens } from './grants.ts'
import type { LoginContext, Provider } from './provider.ts'
import type { SigningKeys } from './signing-keys.ts'

/** The signed ID token, with the fault of the settings; undefined without the `openid` scope. */
export async function createIdToken(
  context: LoginContext,
  provider: Provider,
  keys: SigningKeys,
  tokens: IssuedTokens,
): Promise<string | undefined> {
  const { scopes, person, nonce } = tokens.authorization
  if (!scopes.includes('openid')) return undefined
  const fault = context.settings().idTokenFault
  const nowSeconds = Math.floor(context.now().getTime() / 1000)
  const issuedAt = fault === 'expired' ? nowSeconds - 2 * provider.accessLifetimeSeconds : nowSeconds
  const claims: JWTPayload = {
    iss: provider.tokenIssuer?.(context.issuer) ?? context.issuer,
    aud: context.clientId,
    sub: provider.subject(person),
    iat: issuedAt,
    exp: issuedAt + provider.accessLifetimeSeconds,
    ...(provider.echoesNonce && nonce !== undefined && { nonce }),
    ...provider.claims(context, tokens),
  }
  if (fault === 'wrong_audience') claims.aud = `${context.clientId}-of-another-app`
  if (fault === 'wrong_issuer') claims.iss = 'https://issuer.invalid'
  if (fault === 'wrong_nonce') claims.nonce = 'a-nonce-of-another-login'
  if (fault === 'missing_nonce') delete claims.nonce
  return await keys.sign(claims, fault === 'bad_signature' || fault === 'unknown_key' ? fault : undefined)
}
