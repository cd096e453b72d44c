import { createLocalJWKSet, errors, type JSONWebKeySet, type JWTPayload, jwtVerify } from 'jose'

/** The one algorithm of every token here. */
export const jwtAlgorithm = 'ES256'
export const clockToleranceSeconds = 30
const tokenLengthMax = 8192

/** What tells one kind of token from another (RFC 8725, 3.11 and 3.12), and what its claims say. */
export type JwtKind<Claims> = {
  /** Parameter `typ` of the header. */
  type: string
  issuer: string
  audience: string
  /** Beside `sub`, `jti`, `iat` and `exp`. */
  requiredClaims: readonly string[]
  lifetimeSecondsMax: number
  /** What the claims say; undefined when they are not those of such a token. */
  readClaims: (payload: JWTPayload) => Claims | undefined
}

/** A token that is accepted, the key that it is signed with, and when it ends, in milliseconds since 1970. */
export type VerifiedJwt<Claims> = { claims: Claims; keyId: string; expiresAtMs: number }

/**
 * A verifier of one kind of token, with the keys at hand and without a network call. One algorithm is allowed, whatever the header
 * says (RFC 8725, 3.1). It resolves to undefined for every token that must not be accepted, without a reason, and throws for nothing
 * that a token can hold.
 *
 * @example
 * const verify = createJwtVerifier({ publicKeys, now: () => new Date() }, accessToken)
 * const person = (await verify(token))?.claims
 */
export function createJwtVerifier<Claims>(
  options: { publicKeys: JSONWebKeySet; now: () => Date },
  kind: JwtKind<Claims>,
): (token: string) => Promise<VerifiedJwt<Claims> | undefined> {
  const keys = createLocalJWKSet(options.publicKeys)
  return async (token) => {
    if (token.length > tokenLengthMax) return undefined
    const now = options.now()
    try {
      const { payload, protectedHeader } = await jwtVerify(token, keys, {
        algorithms: [jwtAlgorithm],
        typ: kind.type,
        issuer: kind.issuer,
        audience: kind.audience,
        requiredClaims: ['sub', 'jti', 'iat', 'exp', ...kind.requiredClaims],
        clockTolerance: clockToleranceSeconds,
        currentDate: now,
      })
      const { iat = 0, exp = 0 } = payload
      if (iat > now.getTime() / 1000 + clockToleranceSeconds) return undefined
      if (exp - iat > kind.lifetimeSecondsMax) return undefined
      // A set of one key verifies a token that names none, and such a key could not be revoked.
      if (!protectedHeader.kid) return undefined
      const claims = kind.readClaims(payload)
      return claims && { claims, keyId: protectedHeader.kid, expiresAtMs: exp * 1000 }
    } catch (error) {
      if (error instanceof errors.JOSEError) return undefined
      throw error
    }
  }
}
