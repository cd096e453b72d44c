import type { JSONWebKeySet } from 'jose'
import type { ReadRevocations } from '../../_lib/access/revocations.pg.ts'

/** The keys that others may verify our tokens with. While nobody can say which are revoked, all of them. */
export async function findPublicKeys(deps: {
  publicKeys: JSONWebKeySet
  readRevocations: ReadRevocations
}): Promise<JSONWebKeySet> {
  const revoked = await deps.readRevocations().catch(() => undefined)
  return { keys: deps.publicKeys.keys.filter(({ kid = '' }) => !revoked?.keyIds.has(kid)) }
}
