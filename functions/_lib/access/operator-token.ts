import { randomUUID } from 'node:crypto'
import { type CryptoKey, createLocalJWKSet, errors, type JSONWebKeySet, jwtVerify, SignJWT } from 'jose'

/** Who runs the deployment, as the operator token says. No person of the app is one. */
export type Operator = { name: string }

export const operatorTokenIssuer = 'https://growbin.app/operations'
export const operatorTokenAudience = 'growbin-operations'
export const operatorTokenType = 'operator+jwt'
export const operatorTokenAlgorithm = 'ES256'
export const operatorTokenLifetimeSecondsMax = 3600

export type OperatorScope = 'dead-letters'

const clockToleranceSeconds = 30
const tokenLengthMax = 8192
const namePattern = /^[\x21-\x7e]{1,100}$/

/** Resolves to undefined for every token that must not be accepted. */
export type VerifyOperatorToken = (token: string) => Promise<Operator | undefined>

/**
 * Verifies operator tokens of one scope. Their keys, issuer, audience and type all differ from those of access tokens
 * (RFC 8725, 3.12), so that neither is ever taken for the other.
 */
export function createOperatorVerifier(options: {
  publicKeys: JSONWebKeySet
  scope: OperatorScope
  now?: () => Date
}): (token: string) => Promise<{ operator: Operator; keyId: string } | undefined> {
  const now = options.now ?? (() => new Date())
  const keys = createLocalJWKSet(options.publicKeys)
  return async (token) => {
    if (token.length > tokenLengthMax) return undefined
    try {
      const { payload, protectedHeader } = await jwtVerify(token, keys, {
        algorithms: [operatorTokenAlgorithm],
        typ: operatorTokenType,
        issuer: operatorTokenIssuer,
        audience: operatorTokenAudience,
        requiredClaims: ['sub', 'scope', 'jti', 'iat', 'exp'],
        clockTolerance: clockToleranceSeconds,
        currentDate: now(),
      })
      const { sub, scope, iat = 0, exp = 0 } = payload
      if (typeof sub !== 'string' || !namePattern.test(sub)) return undefined
      if (typeof scope !== 'string' || !scope.split(' ').includes(options.scope)) return undefined
      if (iat > now().getTime() / 1000 + clockToleranceSeconds) return undefined
      if (exp - iat > operatorTokenLifetimeSecondsMax) return undefined
      // A set of one key verifies a token that names none, and such a key could not be revoked.
      if (!protectedHeader.kid) return undefined
      return { operator: { name: sub }, keyId: protectedHeader.kid }
    } catch (error) {
      if (error instanceof errors.JOSEError) return undefined
      throw error
    }
  }
}

/** Signs an operator token of at most an hour. */
export async function signOperatorToken(
  key: { kid: string; privateKey: CryptoKey },
  operator: Operator & { scope: OperatorScope; lifetimeSeconds?: number },
  now: Date,
): Promise<string> {
  const issuedAt = Math.floor(now.getTime() / 1000)
  return new SignJWT({ scope: operator.scope })
    .setProtectedHeader({ alg: operatorTokenAlgorithm, typ: operatorTokenType, kid: key.kid })
    .setIssuer(operatorTokenIssuer)
    .setAudience(operatorTokenAudience)
    .setSubject(operator.name)
    .setJti(randomUUID())
    .setIssuedAt(issuedAt)
    .setExpirationTime(issuedAt + (operator.lifetimeSeconds ?? operatorTokenLifetimeSecondsMax))
    .sign(key.privateKey)
}
