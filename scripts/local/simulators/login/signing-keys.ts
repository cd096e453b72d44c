import {
  calculateJwkThumbprint,
  exportJWK,
  generateKeyPair,
  type JSONWebKeySet,
  type JWK,
  type JWTPayload,
  SignJWT,
} from 'jose'

type PrivateKey = Awaited<ReturnType<typeof generateKeyPair>>['privateKey']
type SigningKey = { kid: string; privateKey: PrivateKey; publicJwk: JWK }

/** The fault of the signature of an ID token. */
export type SignatureFault = 'bad_signature' | 'unknown_key'

/** RS256 keys that can be rotated. The first key of the set signs. */
export async function createSigningKeys() {
  let keys = [await createKey()]
  let stranger: Promise<SigningKey> | undefined
  return {
    keySet: (): JSONWebKeySet => ({ keys: keys.map(({ publicJwk }) => publicJwk) }),
    /** Signs with a new key from now on; the old ones stay published only when requested. */
    async rotate({ keepOld }: { keepOld: boolean }): Promise<void> {
      keys = [await createKey(), ...(keepOld ? keys : [])]
    },
    async sign(claims: JWTPayload, fault?: SignatureFault): Promise<string> {
      // There is always one: creation and rotation add it.
      const [current] = keys as [SigningKey]
      if (fault) stranger ??= createKey()
      const signer = (fault && (await stranger)) || current
      const kid = fault === 'bad_signature' ? current.kid : signer.kid
      return await new SignJWT(claims).setProtectedHeader({ alg: 'RS256', typ: 'JWT', kid }).sign(signer.privateKey)
    },
  }
}

export type SigningKeys = Awaited<ReturnType<typeof createSigningKeys>>

async function createKey(): Promise<SigningKey> {
  const { privateKey, publicKey } = await generateKeyPair('RS256')
  const jwk = await exportJWK(publicKey)
  const kid = await calculateJwkThumbprint(jwk)
  return { kid, privateKey, publicJwk: { ...jwk, kid, alg: 'RS256', use: 'sig' } }
}
