import { type CryptoKey, importJWK, type JSONWebKeySet, type JWK } from 'jose'
import { createJwtVerifier, type JwtKind, jwtAlgorithm } from './jwt-verifier.ts'
import { type SigningKey, signJwt } from './sign-jwt.ts'

/** The signed-in person, by the claims of the access token. */
export type Person = { userId: string; sessionId: string }

export const accessTokenIssuer = 'https://growbin.app'
export const accessTokenAudience = 'growbin-api'
export const accessTokenAlgorithm = jwtAlgorithm
export const accessTokenLifetimeSeconds = 900
const rememberedTokensMax = 10_000
const rememberedMs = 30_000

const accessToken: JwtKind<Person> = {
  type: 'at+jwt',
  issuer: accessTokenIssuer,
  audience: accessTokenAudience,
  requiredClaims: ['sid'],
  lifetimeSecondsMax: accessTokenLifetimeSeconds,
  readClaims: ({ sub, sid }) =>
    typeof sub === 'string' && typeof sid === 'string' && sub !== '' && sid !== ''
      ? { userId: sub, sessionId: sid }
      : undefined,
}

/** Resolves to undefined, without a reason, for every token that must not be accepted: a refusal must not help an attacker. */
export type VerifyAccessToken = (token: string) => Promise<Person | undefined>

/** A person, and the id of the key that the token was signed with. */
export type VerifiedPerson = { person: Person; keyId: string }

/**
 * A verifier of access tokens; `publicKeys` is a JWK set. It caches a verified token for 30 s, so that a status poll does not verify a
 * signature each time. It resolves to undefined for a token that must not be accepted.
 *
 * @example
 * const verify = createTokenVerifier({ publicKeys: config.AUTH_PUBLIC_KEYS })
 * const { person, keyId } = (await verify(token)) ?? {}
 */
export function createTokenVerifier(options: {
  publicKeys: JSONWebKeySet
  now?: () => Date
}): (token: string) => Promise<VerifiedPerson | undefined> {
  const now = options.now ?? (() => new Date())
  const verify = createJwtVerifier({ publicKeys: options.publicKeys, now }, accessToken)
  const remembered = new Map<string, { verified: VerifiedPerson; untilMs: number }>()
  return async (token) => {
    const nowMs = now().getTime()
    const known = remembered.get(token)
    if (known && known.untilMs > nowMs) return known.verified
    const found = await verify(token)
    if (!found) return undefined
    const verified = { person: found.claims, keyId: found.keyId }
    if (remembered.size >= rememberedTokensMax) remembered.clear()
    remembered.set(token, { verified, untilMs: Math.min(nowMs + rememberedMs, found.expiresAtMs) })
    return verified
  }
}

/** A signer of access tokens for the present moment, with a private key. Rejects when it is not one for ES256. */
export async function createTokenSigner(key: JWK & { kid: string }): Promise<(person: Person) => Promise<string>> {
  const privateKey = (await importJWK(key, accessTokenAlgorithm)) as CryptoKey
  return (person) => signAccessToken({ kid: key.kid, privateKey }, person, new Date())
}

/** Signs an access token of 15 minutes for one session, issued at `now`, and returns it in the compact form. */
export function signAccessToken(key: SigningKey, { userId, sessionId }: Person, now: Date): Promise<string> {
  const { type, issuer, audience } = accessToken
  return signJwt(
    key,
    {
      ...{ type, issuer, audience, subject: userId, claims: { sid: sessionId } },
      lifetimeSeconds: accessTokenLifetimeSeconds,
      saysNotBefore: true,
    },
    now,
  )
}
