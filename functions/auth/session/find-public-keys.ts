import type { JSONWebKeySet } from 'jose'
import type { ReadRevocations } from '../../_lib/access/revocations.pg.ts'

/** Returns the public keys that are not revoked; all of them while the revocations cannot be read. */
export async function findPublicKeys(deps: {
  publicKeys: JSONWebKeySet
  readRevocations: ReadRevocations
}): Promise<JSONWebKeySet> {
  const revoked = await deps.readRevocations().catch(() => undefined)
  return { keys: deps.publicKeys.keys.filter(({ kid = '' }) => !revoked?.keyIds.has(kid)) }
}
