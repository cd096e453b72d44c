import type { Classification } from '../model/classification.ts'

export type KnownAnswer = { classification: Classification; model: string }

/** The answer of the model to a similar photo. */
export type SimilarPhoto = { person: string; answer: KnownAnswer }

/**
 * Chooses the answer for a photo from similar ones, nearest first: the answer to the same person, else one that two people
 * got. Similarity can be forged (README of `image`), so one person must not decide the answers of others, nor two people
 * whom a third contradicts.
 */
export function chooseKnownAnswer(photos: readonly SimilarPhoto[], person: string): KnownAnswer | undefined {
  const own = photos.find((photo) => photo.person === person)
  if (own) return own.answer
  if (new Set(photos.map(({ answer }) => classOf(answer))).size > 1) return undefined
  return photos.find(({ answer }) => countPeople(photos, answer) >= 2)?.answer
}

/** The part of an answer that decides the advice. */
const classOf = ({ classification: { is_waste, category } }: KnownAnswer) => (is_waste ? category : 'NOT_WASTE')

/** All that is shown or decides what is shown, except the confidence. */
function contentOf({ classification: { confidence: _, conditions, ...rest } }: KnownAnswer): string {
  return JSON.stringify({ ...rest, conditions: conditions.toSorted() })
}

function countPeople(photos: readonly SimilarPhoto[], answer: KnownAnswer): number {
  const words = contentOf(answer)
  return new Set(photos.filter((photo) => contentOf(photo.answer) === words).map(({ person }) => person)).size
}
