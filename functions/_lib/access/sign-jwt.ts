import { randomUUID } from 'node:crypto'
import { type CryptoKey, SignJWT } from 'jose'
import { jwtAlgorithm } from './jwt-verifier.ts'

/** A private key, and the name under which its public half is published. */
export type SigningKey = { kid: string; privateKey: CryptoKey }

export type JwtToSign = {
  type: string
  issuer: string
  audience: string
  subject: string
  /** Claims beside the registered ones. */
  claims: Record<string, string>
  lifetimeSeconds: number
  /** Whether the token also has `nbf`, set to the moment of issue. */
  saysNotBefore: boolean
}

/** Signs a token issued at `now`, with a random `jti`, and resolves to its compact form. Throws when the key cannot sign with ES256. */
export async function signJwt({ kid, privateKey }: SigningKey, token: JwtToSign, now: Date): Promise<string> {
  const issuedAt = Math.floor(now.getTime() / 1000)
  const unsigned = new SignJWT(token.claims)
    .setProtectedHeader({ alg: jwtAlgorithm, typ: token.type, kid })
    .setIssuer(token.issuer)
    .setAudience(token.audience)
    .setSubject(token.subject)
    .setJti(randomUUID())
    .setIssuedAt(issuedAt)
    .setExpirationTime(issuedAt + token.lifetimeSeconds)
  return (token.saysNotBefore ? unsigned.setNotBefore(issuedAt) : unsigned).sign(privateKey)
}
