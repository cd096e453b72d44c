import type { JSONWebKeySet } from 'jose'
import { createTokenVerifier, type VerifyAccessToken } from './access-token.ts'
import { createOperatorVerifier, type OperatorScope, type VerifyOperatorToken } from './operator-token.ts'
import type { ReadRevocations } from './revocations.pg.ts'

type CheckOptions = { publicKeys: JSONWebKeySet; readRevocations: ReadRevocations }

/**
 * A check that accepts an access token that is signed with a key that is not revoked, in force, and of a session that has not ended.
 * It resolves to the person, or to undefined; throws `UnavailableError` while no revocations could be read yet.
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
 * A check that accepts an operator token of `scope` that is signed with a key that is not revoked, and in force. It resolves to the
 * operator, or to undefined; throws `UnavailableError` while no revocations could be read yet.
 */
export function createOperatorCheck(options: CheckOptions & { scope: OperatorScope }): VerifyOperatorToken {
  const verify = createOperatorVerifier(options)
  const { readRevocations } = options
  return async (token) => {
    const verified = await verify(token)
    return verified && !(await readRevocations()).keyIds.has(verified.keyId) ? verified.operator : undefined
  }
}
