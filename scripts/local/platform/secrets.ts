import { randomBytes } from 'node:crypto'
import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { exportJWK, generateKeyPair, type JWK } from 'jose'

/** Made at the first run and kept with the data, so that tokens and signatures outlive a restart. */
export type LocalSecrets = {
  signingKey: JWK
  s3: { accessKeyId: string; secretAccessKey: string }
  modelApiKey: string
  loginClientSecret: string
}

export async function readOrCreateSecrets(directory: string): Promise<LocalSecrets> {
  const path = join(directory, 'secrets.json')
  try {
    return JSON.parse(await readFile(path, 'utf8')) as LocalSecrets
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
  }
  const { privateKey } = await generateKeyPair('ES256', { extractable: true })
  const secret = () => randomBytes(24).toString('base64url')
  const secrets: LocalSecrets = {
    signingKey: { ...(await exportJWK(privateKey)), kid: `local-${secret().slice(0, 8)}`, alg: 'ES256', use: 'sig' },
    s3: { accessKeyId: `LOCAL${randomBytes(8).toString('hex').toUpperCase()}`, secretAccessKey: secret() },
    modelApiKey: `sk-local-${secret()}`,
    loginClientSecret: secret(),
  }
  await mkdir(directory, { recursive: true })
  await writeFile(path, JSON.stringify(secrets), { mode: 0o600 })
  await chmod(path, 0o600)
  return secrets
}

/** The public half of a signing key. */
export function publicKeySet({ kty, crv, x, y, kid, alg, use }: JWK): { keys: JWK[] } {
  return { keys: [{ kty, crv, x, y, kid, alg, use }] as JWK[] }
}
