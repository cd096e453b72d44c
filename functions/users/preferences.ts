import * as z from 'zod'

export const languages = ['ko', 'en'] as const
export type Language = (typeof languages)[number]

const notificationsSchema = z.strictObject({
  /** An analysis has ended. */
  analysis_completed: z.boolean(),
  /** What the week has brought. */
  weekly_summary: z.boolean(),
  /** News of the service. */
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

/** Of a person who has chosen nothing. News is sent only to those who asked for it. */
export const defaultPreferences: Preferences = {
  language: 'ko',
  notifications: { analysis_completed: true, weekly_summary: false, announcements: false },
  region: null,
}
