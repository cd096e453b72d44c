import { randomUUID } from 'node:crypto'
import { type CryptoKey, exportJWK, generateKeyPair, type JWK, type JWTPayload, SignJWT } from 'jose'
import {
  accessTokenAlgorithm,
  accessTokenAudience,
  accessTokenIssuer,
  accessTokenLifetimeSeconds,
} from '../access/access-token.ts'
import {
  operatorTokenAudience,
  operatorTokenIssuer,
  operatorTokenLifetimeSecondsMax,
  operatorTokenType,
} from '../access/operator-token.ts'

/** A signing key of one test, and the key set that its tokens are verified with. */
export type TestKeys = {
  kid: string
  privateKey: CryptoKey
  publicKey: CryptoKey
  /** Private JWK, as `AUTH_SIGNING_KEY` holds it. */
  signingJwk: JWK
  /** As `AUTH_PUBLIC_KEYS` holds it. */
  publicKeys: { keys: (JWK & { kty: string; kid: string })[] }
}

/** Makes a new key pair for tokens, and the key set that publishes its public half under `kid`. */
export async function createTestKeys(kid = 'test-key'): Promise<TestKeys> {
  const { privateKey, publicKey } = await generateKeyPair(accessTokenAlgorithm, { extractable: true })
  const described = { kid, alg: accessTokenAlgorithm, use: 'sig' }
  const [privateJwk, publicJwk] = await Promise.all([exportJWK(privateKey), exportJWK(publicKey)])
  return {
    kid,
    privateKey,
    publicKey,
    signingJwk: { ...privateJwk, ...described },
    publicKeys: { keys: [{ ...publicJwk, ...described, kty: 'EC' }] },
  }
}

export type TestTokenOptions = {
  userId?: string
  sessionId?: string
  /** Moment of issue; now by default. */
  now?: Date
  lifetimeSeconds?: number
  /** Claims to set instead; undefined leaves one out. */
  claims?: Record<string, unknown>
  /** Header parameters to set instead; undefined leaves one out. */
  header?: Record<string, unknown>
}

/** Signs an access token as this product issues them, with the given options in place of its own values. */
export async function signTestToken(
  keys: Pick<TestKeys, 'kid' | 'privateKey'>,
  options: TestTokenOptions = {},
): Promise<string> {
  const issuedAt = Math.floor((options.now ?? new Date()).getTime() / 1000)
  return signClaims(keys, 'at+jwt', options, {
    iss: accessTokenIssuer,
    aud: accessTokenAudience,
    sub: options.userId ?? randomUUID(),
    sid: options.sessionId ?? randomUUID(),
    jti: randomUUID(),
    iat: issuedAt,
    nbf: issuedAt,
    exp: issuedAt + (options.lifetimeSeconds ?? accessTokenLifetimeSeconds),
  })
}

/** Signs an operator token as a deployment does, with the given options in place of its own values. */
export async function signTestOperatorToken(
  keys: Pick<TestKeys, 'kid' | 'privateKey'>,
  options: TestTokenOptions = {},
): Promise<string> {
  const issuedAt = Math.floor((options.now ?? new Date()).getTime() / 1000)
  return signClaims(keys, operatorTokenType, options, {
    iss: operatorTokenIssuer,
    aud: operatorTokenAudience,
    sub: 'operator',
    scope: 'dead-letters',
    jti: randomUUID(),
    iat: issuedAt,
    exp: issuedAt + (options.lifetimeSeconds ?? operatorTokenLifetimeSecondsMax),
  })
}

function signClaims(
  keys: Pick<TestKeys, 'kid' | 'privateKey'>,
  typ: string,
  options: TestTokenOptions,
  claims: Record<string, unknown>,
): Promise<string> {
  const header = { alg: accessTokenAlgorithm, typ, kid: keys.kid, ...options.header }
  return new SignJWT(withoutUndefined({ ...claims, ...options.claims }) as JWTPayload)
    .setProtectedHeader(withoutUndefined(header) as { alg: string })
    .sign(keys.privateKey)
}

function withoutUndefined(fields: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined))
}
