import { readFile } from 'node:fs/promises'
import { userInfo } from 'node:os'
import { join } from 'node:path'
import { type CryptoKey, importJWK, type JWK } from 'jose'
import { operatorTokenAlgorithm, signOperatorToken } from '../../../functions/_lib/access/operator-token.ts'

const lifetimeSeconds = 300

/** The given token, or one signed with the key of the platform on this machine. */
export async function findOperatorToken(options: {
  given: string | undefined
  dataDirectory: string
  now: Date
}): Promise<string> {
  if (options.given) return options.given
  const path = join(options.dataDirectory, 'secrets.json')
  const secrets = await readFile(path, 'utf8').then(
    (text) => JSON.parse(text) as { operatorKey?: JWK },
    () => ({ operatorKey: undefined }),
  )
  const { operatorKey } = secrets
  if (!operatorKey?.kid) {
    throw new Error(
      `"${path}" holds no key of operators: start the platform by ./scripts/start, name its --data, or pass a --token`,
    )
  }
  const key = { kid: operatorKey.kid, privateKey: (await importJWK(operatorKey, operatorTokenAlgorithm)) as CryptoKey }
  const name = userInfo().username.replace(/[^\x21-\x7e]/g, '') || 'operator'
  return signOperatorToken(key, { name, scope: 'dead-letters', lifetimeSeconds }, options.now)
}
