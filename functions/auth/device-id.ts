import * as z from 'zod'

/** The id that an app gives its device: a random string of its own, stored as a hash. */
export const deviceIdSchema = z.string().regex(/^[A-Za-z0-9_-]{16,128}$/, 'expected 16 to 128 URL-safe characters')
