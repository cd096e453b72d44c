import * as z from 'zod'

/** What an app calls its device: its own random word, kept as a hash. */
export const deviceIdSchema = z.string().regex(/^[A-Za-z0-9_-]{16,128}$/, 'expected 16 to 128 URL-safe characters')
