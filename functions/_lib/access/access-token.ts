import { randomUUID } from 'node:crypto'
import { type CryptoKey, createLocalJWKSet, errors, type JSONWebKeySet, jwtVerify, SignJWT } from 'jose'

/** The signed-in person, as the access token says. */
export type Person = { userId: string; sessionId: string }

export const accessTokenIssuer = 'https://growbin.app'
export const accessTokenAudience = 'growbin-api'
export const accessTokenAlgorithm = 'ES256'
export const accessTokenLifetimeSeconds = 900

const clockToleranceSeconds = 30
const tokenLengthMax = 8192
const rememberedTokensMax = 10_000
const rememberedMs = 30_000

/** Resolves to undefined for every token that must not be accepted, without a reason: a caller learns nothing from a refusal. */
export type VerifyAccessToken = (token: string) => Promise<Person | undefined>

/** A person, and the key that vouches for them. */
export type VerifiedToken = { person: Person; keyId: string }

export type TokenVerifierOptions = { publicKeys: JSONWebKeySet; now?: () => Date }

/**
 * Verifies access tokens with the keys at hand, without a network call. One algorithm is allowed, whatever the header
 * says (RFC 8725, 3.1). A verified token is remembered for 30 s, because a status poll would else pay for a signature.
 */
export function createTokenVerifier(
  options: TokenVerifierOptions,
): (token: string) => Promise<VerifiedToken | undefined> {
  const now = options.now ?? (() => new Date())
  const keys = createLocalJWKSet(options.publicKeys)
  const remembered = new Map<string, { verified: VerifiedToken; untilMs: number }>()

  return async (token) => {
    if (token.length > tokenLengthMax) return undefined
    const nowMs = now().getTime()
    const known = remembered.get(token)
    if (known && known.untilMs > nowMs) return known.verified
    try {
      const { payload, protectedHeader } = await jwtVerify(token, keys, {
        algorithms: [accessTokenAlgorithm],
        typ: 'at+jwt',
        issuer: accessTokenIssuer,
        audience: accessTokenAudience,
        requiredClaims: ['sub', 'sid', 'jti', 'iat', 'exp'],
        clockTolerance: clockToleranceSeconds,
        currentDate: now(),
      })
      const { sub, sid, iat = 0, exp = 0 } = payload
      if (typeof sub !== 'string' || typeof sid !== 'string' || sub === '' || sid === '') return undefined
      if (iat > nowMs / 1000 + clockToleranceSeconds) return undefined
      if (exp - iat > accessTokenLifetimeSeconds) return undefined
      // A set of one key verifies a token that names none, and such a key could not be revoked.
      if (!protectedHeader.kid) return undefined
      const verified = { person: { userId: sub, sessionId: sid }, keyId: protectedHeader.kid }
      if (remembered.size >= rememberedTokensMax) remembered.clear()
      remembered.set(token, { verified, untilMs: Math.min(nowMs + rememberedMs, exp * 1000) })
      return verified
    } catch (error) {
      if (error instanceof errors.JOSEError) return undefined
      throw error
    }
  }
}

export type SigningKey = { kid: string; privateKey: CryptoKey }

/** Signs an access token of 15 minutes for one session. */
export async function signAccessToken(key: SigningKey, person: Person, now: Date): Promise<string> {
  const issuedAt = Math.floor(now.getTime() / 1000)
  return new SignJWT({ sid: person.sessionId })
    .setProtectedHeader({ alg: accessTokenAlgorithm, typ: 'at+jwt', kid: key.kid })
    .setIssuer(accessTokenIssuer)
    .setAudience(accessTokenAudience)
    .setSubject(person.userId)
    .setJti(randomUUID())
    .setIssuedAt(issuedAt)
    .setNotBefore(issuedAt)
    .setExpirationTime(issuedAt + accessTokenLifetimeSeconds)
    .sign(key.privateKey)
}
