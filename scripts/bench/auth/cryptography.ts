import { randomBytes } from 'node:crypto'
import {
  type CryptoKey,
  createLocalJWKSet,
  exportJWK,
  generateKeyPair,
  type JWTVerifyGetKey,
  jwtVerify,
  SignJWT,
} from 'jose'
import { accessTokenAlgorithm, signAccessToken } from '../../../functions/_lib/access/access-token.ts'
import type { SigningKey } from '../../../functions/_lib/access/sign-jwt.ts'
import { hashSecret, successorOf } from '../../../functions/auth/refresh-token.ts'

/** The cryptography of one request of each kind, run with the code of the functions alone. */
export type Cryptography = Record<'login' | 'refresh' | 'me', () => Promise<unknown>>

export async function prepareCryptography(key: SigningKey & { publicKey: CryptoKey }): Promise<Cryptography> {
  const person = { userId: randomBytes(16).toString('hex'), sessionId: randomBytes(16).toString('hex') }
  const word = randomBytes(32).toString('base64url')
  const { idToken, providerKeys } = await createIdToken()
  const ownKeys = createLocalJWKSet({ keys: [{ ...(await exportJWK(key.publicKey)), kid: key.kid }] })
  const accessToken = await signAccessToken(key, person, new Date())
  const sign = () => signAccessToken(key, person, new Date())
  return {
    // State twice (for the comparison), device, first refresh token.
    login: async () => {
      await jwtVerify(idToken, providerKeys, { algorithms: ['RS256'] })
      for (let count = 0; count < 4; count += 1) hashSecret(word)
      await sign()
    },
    refresh: async () => {
      const successor = successorOf(word, word)
      for (const each of [word, successor, word]) hashSecret(each)
      await sign()
    },
    // Not with the verifier of the functions, which caches tokens.
    me: () => jwtVerify(accessToken, ownKeys, { algorithms: [accessTokenAlgorithm], typ: 'at+jwt' }),
  }
}

/** ID tokens signed like those of the providers: RSA with 2048 bits. */
async function createIdToken(): Promise<{ idToken: string; providerKeys: JWTVerifyGetKey }> {
  const { privateKey, publicKey } = await generateKeyPair('RS256')
  const idToken = await new SignJWT({ nonce: randomBytes(32).toString('base64url') })
    .setProtectedHeader({ alg: 'RS256', kid: 'provider' })
    .setIssuedAt()
    .setExpirationTime('1h')
    .sign(privateKey)
  return { idToken, providerKeys: createLocalJWKSet({ keys: [{ ...(await exportJWK(publicKey)), kid: 'provider' }] }) }
}

/** Processor time of one call over all threads of this process, since signatures are computed on other threads. */
export async function measureMicros(work: () => Promise<unknown>, durationMs: number): Promise<number> {
  const endMs = performance.now() + durationMs
  const before = process.cpuUsage()
  let calls = 0
  while (performance.now() < endMs) {
    await work()
    calls += 1
  }
  const { user, system } = process.cpuUsage(before)
  return (user + system) / calls
}
