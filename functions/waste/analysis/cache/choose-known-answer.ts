import type { Classification } from '../model/classification.ts'

export type KnownAnswer = { classification: Classification; model: string }

/** What the model said of a photo that looks the same. */
export type SimilarPhoto = { person: string; answer: KnownAnswer }

/**
 * The answer to a photo that looks like others, nearest first: what the same person was told, else what two people were told
 * alike. Looks can be forged (README of `image`): one person must not decide what others are told, nor may two whom a third
 * contradicts.
 */
export function chooseKnownAnswer(photos: readonly SimilarPhoto[], person: string): KnownAnswer | undefined {
  const own = photos.find((photo) => photo.person === person)
  if (own) return own.answer
  if (new Set(photos.map(({ answer }) => classOf(answer))).size > 1) return undefined
  return photos.find(({ answer }) => countPeople(photos, answer) >= 2)?.answer
}

/** What decides the advice. */
const classOf = ({ classification: { is_waste, category } }: KnownAnswer) => (is_waste ? category : 'NOT_WASTE')

/** Everything that is shown or decides what is shown, but for how sure the model was. */
function contentOf({ classification: { confidence: _, conditions, ...rest } }: KnownAnswer): string {
  return JSON.stringify({ ...rest, conditions: conditions.toSorted() })
}

function countPeople(photos: readonly SimilarPhoto[], answer: KnownAnswer): number {
  const words = contentOf(answer)
  return new Set(photos.filter((photo) => contentOf(photo.answer) === words).map(({ person }) => person)).size
}
