import * as z from 'zod'

/**
 * Text of `min` to `max` characters. They are counted as JSON Schema counts them (RFC 8259 characters, so code points), while
 * zod's own bounds count halves of the rarer ones and would refuse what the document of the API allows.
 */
export const boundedText = (min: number, max: number) =>
  z
    .string()
    .refine((text) => isWithin([...text].length, min, max), `expected ${min} to ${max} characters`)
    .meta({ ...(min > 0 && { minLength: min }), maxLength: max })

const isWithin = (length: number, min: number, max: number) => length >= min && length <= max

/** Written so that the engines of all generators know it: property classes such as `\p{Cc}` are not portable. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what it refuses.
export const withoutControls = /^[^\x00-\x1f\x7f-\x9f]*$/

/** How many items a page of a query has: a whole number from 1 on, as decimal digits without a sign or leading zeros. */
export const pageLimit = (max: number, byDefault: number) =>
  z
    .preprocess(
      (text) => (typeof text === 'string' && /^[1-9][0-9]{0,8}$/.test(text) ? Number(text) : text),
      z.int(`expected a number from 1 to ${max}`).min(1).max(max),
    )
    // Not "default", which zod leaves out of what it writes of a request.
    .prefault(byDefault)
