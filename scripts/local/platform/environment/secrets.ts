import { randomBytes } from 'node:crypto'
import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { exportJWK, generateKeyPair, type JWK } from 'jose'

/** Made at the first run and kept with the data, so that tokens and signatures outlive a restart. */
export type LocalSecrets = {
  signingKey: JWK
  operatorKey: JWK
  s3: { accessKeyId: string; secretAccessKey: string }
  modelApiKey: string
  loginClientSecret: string
  refreshTokenKey: string
  /** 32 bytes in base64. */
  providerTokenKey: string
  pseudonymKey: string
  kakaoAdminKey: string
  kakaoRestApiKey: string
  /** 32 bytes in base64. */
  eventKey: string
}

export async function readOrCreateSecrets(directory: string): Promise<LocalSecrets> {
  const path = join(directory, 'secrets.json')
  const kept = await readKept(path)
  // What a newer version needs is added to what an older one made.
  const secrets: LocalSecrets = { ...(await createSecrets()), ...kept }
  await mkdir(directory, { recursive: true })
  await writeFile(path, JSON.stringify(secrets), { mode: 0o600 })
  await chmod(path, 0o600)
  return secrets
}

async function readKept(path: string): Promise<Partial<LocalSecrets>> {
  try {
    return JSON.parse(await readFile(path, 'utf8')) as Partial<LocalSecrets>
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return {}
    throw error
  }
}

async function createSecrets(): Promise<LocalSecrets> {
  const secret = () => randomBytes(24).toString('base64url')
  return {
    signingKey: await createSigningKey(`local-${secret().slice(0, 8)}`),
    operatorKey: await createSigningKey(`local-operator-${secret().slice(0, 8)}`),
    s3: { accessKeyId: `LOCAL${randomBytes(8).toString('hex').toUpperCase()}`, secretAccessKey: secret() },
    modelApiKey: `sk-local-${secret()}`,
    loginClientSecret: secret(),
    refreshTokenKey: secret(),
    providerTokenKey: randomBytes(32).toString('base64'),
    pseudonymKey: secret(),
    kakaoAdminKey: secret(),
    kakaoRestApiKey: secret(),
    eventKey: randomBytes(32).toString('base64'),
  }
}

/** `EVENT_KEYS` of everything on this machine. */
export const eventKeysOf = ({ eventKey }: Pick<LocalSecrets, 'eventKey'>): string =>
  JSON.stringify({ current: 'local', keys: { local: eventKey } })

async function createSigningKey(kid: string): Promise<JWK> {
  const { privateKey } = await generateKeyPair('ES256', { extractable: true })
  return { ...(await exportJWK(privateKey)), kid, alg: 'ES256', use: 'sig' }
}

/** The public half of a signing key. */
export function publicKeySet({ kty, crv, x, y, kid, alg, use }: JWK): { keys: JWK[] } {
  return { keys: [{ kty, crv, x, y, kid, alg, use }] as JWK[] }
}
