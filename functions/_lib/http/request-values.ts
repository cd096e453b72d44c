import * as z from 'zod'

/**
 * A schema of text of `min` to `max` characters, counted as code points, as JSON Schema counts them (RFC 8259). zod's own bounds count
 * UTF-16 units and would refuse texts that the API document allows.
 */
export const boundedText = (min: number, max: number) =>
  z
    .string()
    .refine((text) => isWithin([...text].length, min, max), `expected ${min} to ${max} characters`)
    .meta({ ...(min > 0 && { minLength: min }), maxLength: max })

const isWithin = (length: number, min: number, max: number) => length >= min && length <= max

/** Text without control characters. Client generators use other engines, in which classes such as `\p{Cc}` are not portable. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what it refuses.
export const withoutControls = /^[^\x00-\x1f\x7f-\x9f]*$/

/** A schema of the query parameter for the size of a page: decimal digits without sign or leading zeros, from 1 to `max`. */
export const pageLimit = (max: number, byDefault: number) =>
  z
    .preprocess(
      (text) => (typeof text === 'string' && /^[1-9][0-9]{0,8}$/.test(text) ? Number(text) : text),
      z.int(`expected a number from 1 to ${max}`).min(1).max(max),
    )
    // Not "default", which zod omits from the schema of a request.
    .prefault(byDefault)
