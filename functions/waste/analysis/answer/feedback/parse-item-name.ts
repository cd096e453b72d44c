const CHARACTERS_MAX = 40
const WORDS_MAX = 6

/**
 * Takes the name of an item from model output, which an image may have dictated.
 *
 * Strips control and invisible characters, addresses and markup. Returns undefined when what is left is no plain name: empty, too
 * long, a whole sentence, or with a number that could be a telephone number.
 */
export function parseItemName(text: string): string | undefined {
  const name = text
    .normalize('NFKC')
    .slice(0, 500)
    .replace(/<[^>]*>/g, ' ')
    .replace(/\]\([^)]*\)/g, ' ')
    .replace(/(?:[a-z][a-z0-9+.-]*:\/\/|www\.)\S*|\S+@\S+|\b[a-z0-9-]+(?:\.[a-z0-9-]+)*\.[a-z]{2,}\b\S*/giu, ' ')
    .replace(/[^\p{L}\p{M}\p{N} .,!?:;()&+%/·-]+/gu, ' ')
    .replace(/[-]{2,}/g, ' ')
    .replace(/\s+/g, ' ')
    .replace(/^[\s\p{P}+]+|[\s.,!?:;&+/·-]+$/gu, '')
  if (!/\p{L}/u.test(name) || name.length > CHARACTERS_MAX || name.split(' ').length > WORDS_MAX) return undefined
  if (/[.!?:;]/.test(name) || /\d[\d -]{5,}\d/.test(name)) return undefined
  return name
}
