import { createHmac } from 'node:crypto'
import * as z from 'zod'
import { variable } from '../variables/variable.ts'

/** The variable for `createPseudonym`: the pseudonym key of one domain. */
export const pseudonyms = (domain: string) => ({
  /** Secret key of the pseudonyms of one domain. */
  PSEUDONYM_KEY: variable(z.string().min(32), { secret: `${domain}-pseudonym-key`, key: 'key' }),
})

/** What a pseudonym is used for. One person has a different pseudonym for each purpose, even under one key. */
export type PseudonymPurpose = 'deletion-receipt' | 'model-safety-identifier'

/**
 * A function that turns the id of a person into a pseudonym, an HMAC-SHA-256 in hexadecimal: the same at each call for one person and
 * purpose. Without the key it cannot be traced to an id by trying ids, and pseudonyms of two purposes cannot be linked.
 */
export function createPseudonym(key: string, purpose: PseudonymPurpose): (userId: string) => string {
  return (userId) => createHmac('sha256', key).update(`growbin:${purpose}:${userId}`).digest('hex')
}
