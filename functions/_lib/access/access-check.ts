import type { JSONWebKeySet } from 'jose'
import { createTokenVerifier, type VerifyAccessToken } from './access-token.ts'
import { createOperatorVerifier, type OperatorScope, type VerifyOperatorToken } from './operator-token.ts'
import type { ReadRevocations } from './revocations.pg.ts'

type CheckOptions = { publicKeys: JSONWebKeySet; readRevocations: ReadRevocations }

/**
 * A check that accepts a valid access token whose key is not revoked and whose session has not ended. It resolves to the person, or to
 * undefined for any other token, and throws what `readRevocations` throws.
 *
 * @example
 * const readRevocations = createRevocationReader({ database, views: revocationViews, log })
 * const verifyAccessToken = createAccessCheck({ publicKeys: config.AUTH_PUBLIC_KEYS, readRevocations })
 */
export function createAccessCheck(options: CheckOptions): VerifyAccessToken {
  const verify = createTokenVerifier(options)
  const { readRevocations } = options
  return async (token) => {
    const verified = await verify(token)
    if (!verified) return undefined
    const { keyIds, sessionIds } = await readRevocations()
    const { keyId, person } = verified
    return keyIds.has(keyId) || sessionIds.has(person.sessionId) ? undefined : person
  }
}

/**
 * A check that accepts a valid operator token of `scope` whose key is not revoked. It resolves to the operator, or to undefined for
 * any other token, and throws what `readRevocations` throws.
 */
export function createOperatorCheck(options: CheckOptions & { scope: OperatorScope }): VerifyOperatorToken {
  const verify = createOperatorVerifier(options)
  const { readRevocations } = options
  return async (token) => {
    const verified = await verify(token)
    return verified && !(await readRevocations()).keyIds.has(verified.keyId) ? verified.operator : undefined
  }
}
