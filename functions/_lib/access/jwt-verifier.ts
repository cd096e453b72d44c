import { createLocalJWKSet, errors, type JSONWebKeySet, type JWTPayload, jwtVerify } from 'jose'

/** The one algorithm of all tokens of this product. */
export const jwtAlgorithm = 'ES256'
export const clockToleranceSeconds = 30
const tokenLengthMax = 8192

/** One kind of token: what distinguishes it from others (RFC 8725, 3.11 and 3.12), and how its claims are read. */
export type JwtKind<Claims> = {
  /** Parameter `typ` of the header. */
  type: string
  issuer: string
  audience: string
  /** Beside `sub`, `jti`, `iat` and `exp`. */
  requiredClaims: readonly string[]
  lifetimeSecondsMax: number
  /** Reads the claims; undefined when they are not those of this kind of token. */
  readClaims: (payload: JWTPayload) => Claims | undefined
}

/** The claims of an accepted token, the id of its signing key, and its expiry in milliseconds since 1970. */
export type VerifiedJwt<Claims> = { claims: Claims; keyId: string; expiresAtMs: number }

/**
 * A verifier of one kind of token, with the given keys and without a network call. It allows one algorithm and ignores the header's
 * choice (RFC 8725, 3.1). It resolves to undefined, without a reason, for every token that must not be accepted, and no token makes
 * it throw.
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
      // jose accepts a token without a key id when the set has one key, but a key without a name could not be revoked.
      if (!protectedHeader.kid) return undefined
      const claims = kind.readClaims(payload)
      return claims && { claims, keyId: protectedHeader.kid, expiresAtMs: exp * 1000 }
    } catch (error) {
      if (error instanceof errors.JOSEError) return undefined
      throw error
    }
  }
}
