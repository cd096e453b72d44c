import { createHmac } from 'node:crypto'
import * as z from 'zod'
import { variable } from '../variables/variable.ts'

/** Naming people to others, by the key of one domain. */
export const pseudonyms = (domain: string) => ({
  /** Secret from which pseudonyms of people are made; each domain has its own. */
  PSEUDONYM_KEY: variable(z.string().min(32), { secret: `${domain}-pseudonym-key`, key: 'key' }),
})

/** For what a pseudonym is used. Two of them never share a value, even under one key. */
export type PseudonymPurpose = 'deletion-receipt' | 'model-safety-identifier'

/**
 * Names people by HMAC-SHA-256 in hexadecimal: always the same for one person and purpose, while without the key nobody can tell
 * whose it is by trying ids, nor which two of different purposes belong together.
 */
export function createPseudonym(key: string, purpose: PseudonymPurpose): (userId: string) => string {
  return (userId) => createHmac('sha256', key).update(`growbin:${purpose}:${userId}`).digest('hex')
}
