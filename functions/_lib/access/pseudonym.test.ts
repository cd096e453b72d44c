import { createHash } from 'node:crypto'
import { expect, test } from 'vitest'
import { createPseudonym, pseudonyms } from './pseudonym.ts'

const userId = '0198c5f2-7b1e-7d36-9a55-3f6b8a1f0c2d'
const key = 'a key for pseudonyms that is long enough'

test('a pseudonym is the same for one person, purpose and key, and another where one of them differs', () => {
  const made = [
    createPseudonym(key, 'deletion-receipt')(userId),
    createPseudonym(key, 'model-safety-identifier')(userId),
    createPseudonym(`${key}!`, 'deletion-receipt')(userId),
    createPseudonym(key, 'deletion-receipt')(userId.replace('d', 'e')),
    // Anyone who knows the id can compute these.
    createHash('sha256').update(`growbin:${userId}`).digest('hex'),
    createHash('sha256').update(`growbin:deletion-receipt:${userId}`).digest('hex'),
  ]
  expect(new Set(made).size).toBe(made.length)
  for (const one of made) expect(one).toMatch(/^[0-9a-f]{64}$/)
  expect(createPseudonym(key, 'deletion-receipt')(userId)).toBe(made[0])
})

test('a short key is refused', () => {
  expect(pseudonyms('users').PSEUDONYM_KEY.schema.safeParse('short').success).toBe(false)
})
