import type { JSONWebKeySet } from 'jose'
import { createJwtVerifier, type JwtKind, jwtAlgorithm } from './jwt-verifier.ts'
import { type SigningKey, signJwt } from './sign-jwt.ts'

/** An operator of the deployment, by the claims of the operator token; never a person of the app. */
export type Operator = { name: string }

export const operatorTokenIssuer = 'https://growbin.app/operations'
export const operatorTokenAudience = 'growbin-operations'
export const operatorTokenType = 'operator+jwt'
export const operatorTokenAlgorithm = jwtAlgorithm
export const operatorTokenLifetimeSecondsMax = 3600
export type OperatorScope = 'dead-letters'
const namePattern = /^[\x21-\x7e]{1,100}$/

const operatorTokenOf = (wanted: OperatorScope): JwtKind<Operator> => ({
  type: operatorTokenType,
  issuer: operatorTokenIssuer,
  audience: operatorTokenAudience,
  requiredClaims: ['scope'],
  lifetimeSecondsMax: operatorTokenLifetimeSecondsMax,
  readClaims: ({ sub, scope }) =>
    typeof sub === 'string' && namePattern.test(sub) && typeof scope === 'string' && scope.split(' ').includes(wanted)
      ? { name: sub }
      : undefined,
})

/** Resolves to undefined for every token that must not be accepted. */
export type VerifyOperatorToken = (token: string) => Promise<Operator | undefined>

/**
 * A verifier of operator tokens of one scope; `publicKeys` is a JWK set. Keys, issuer, audience and type all differ from those of
 * access tokens (RFC 8725, 3.12), so that neither is accepted as the other. It resolves to undefined for a token that must not be
 * accepted.
 */
export function createOperatorVerifier(options: {
  publicKeys: JSONWebKeySet
  scope: OperatorScope
  now?: () => Date
}): (token: string) => Promise<{ operator: Operator; keyId: string } | undefined> {
  const { publicKeys, scope, now = () => new Date() } = options
  const verify = createJwtVerifier({ publicKeys, now }, operatorTokenOf(scope))
  return async (token) => {
    const verified = await verify(token)
    return verified && { operator: verified.claims, keyId: verified.keyId }
  }
}

/** Signs an operator token of an hour or less, issued at `now`, and returns it in the compact form. */
export function signOperatorToken(
  key: SigningKey,
  { name, scope, lifetimeSeconds }: Operator & { scope: OperatorScope; lifetimeSeconds?: number },
  now: Date,
): Promise<string> {
  return signJwt(
    key,
    {
      ...{ type: operatorTokenType, issuer: operatorTokenIssuer, audience: operatorTokenAudience },
      subject: name,
      claims: { scope },
      lifetimeSeconds: lifetimeSeconds ?? operatorTokenLifetimeSecondsMax,
      saysNotBefore: false,
    },
    now,
  )
}
