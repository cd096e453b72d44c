import * as z from 'zod'

export const languages = ['ko', 'en'] as const
export type Language = (typeof languages)[number]

const notificationsSchema = z.strictObject({
  /** When an analysis has ended. */
  analysis_completed: z.boolean(),
  /** A summary of the week. */
  weekly_summary: z.boolean(),
  /** News about the service. */
  announcements: z.boolean(),
})

export type Notifications = z.infer<typeof notificationsSchema>

export const preferencesSchema = z.strictObject({
  language: z.enum(languages),
  notifications: notificationsSchema,
  /** Code of the 시군구 whose sorting rules apply; null for the rules of the whole country. */
  region: z
    .string()
    .regex(/^[0-9]{5}$/, 'expected the 5 digits of a 시군구 code')
    .nullable(),
})

export type Preferences = z.infer<typeof preferencesSchema>

/** The preferences of a person who has set none. Announcements are opt-in. */
export const defaultPreferences: Preferences = {
  language: 'ko',
  notifications: { analysis_completed: true, weekly_summary: false, announcements: false },
  region: null,
}
