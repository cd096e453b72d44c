import * as z from 'zod'
import type {
  AnswerDescription,
  BodyDescription,
  FunctionDescription,
  ProblemDescription,
} from '../../_lib/openapi/description.ts'
import { historyItemExample, historyItemSchema } from '../analysis.openapi.ts'
import { preferencesSchema } from '../preferences.ts'
import type spec from './function.ts'
import { profileSchema } from './profile.ts'
import type { renderPreferences, renderProfile } from './render.ts'

const updatedAt = z.iso.datetime().nullable().describe('When it was last replaced, RFC 3339 in UTC; null if never.')

const shownProfileSchema = z
  .strictObject({
    user_id: z.uuid().describe('Id of the person.'),
    display_name: z
      .string()
      .nullable()
      .describe('Name that the person chose, or else the name from the provider; null when it gave none.'),
    picture_url: z.url().nullable().describe('Picture from the provider; null when it gave none.'),
    created_at: z.iso.datetime().describe('When the account was opened, RFC 3339 in UTC.'),
    updated_at: updatedAt,
    identities: z
      .array(
        z.strictObject({
          provider: z.string().describe('The login provider.'),
          created_at: z.iso.datetime().describe('The first login there, RFC 3339 in UTC.'),
          last_login_at: z.iso.datetime().describe('The last login there, RFC 3339 in UTC.'),
        }),
      )
      .describe('The login providers that the account is linked to.'),
  })
  .meta({ id: 'Profile', description: 'The profile of a person.' }) satisfies z.ZodType<
  ReturnType<typeof renderProfile>
>

const meanings = {
  '/language': 'Language of the messages to the person.',
  '/notifications': 'Which notifications the person wants.',
  '/notifications/analysis_completed': 'When an analysis has ended.',
  '/notifications/weekly_summary': 'A summary of the week.',
  '/notifications/announcements': 'News about the service.',
  '/region': 'Code of the 시군구 whose sorting rules apply; null for the rules of the whole country.',
} as const

const chosen = preferencesSchema.shape
const notifications = chosen.notifications.shape
const shownPreferencesSchema = z
  .strictObject({
    language: chosen.language.describe(meanings['/language']),
    notifications: z
      .strictObject({
        analysis_completed: notifications.analysis_completed.describe(meanings['/notifications/analysis_completed']),
        weekly_summary: notifications.weekly_summary.describe(meanings['/notifications/weekly_summary']),
        announcements: notifications.announcements.describe(meanings['/notifications/announcements']),
      })
      .describe(meanings['/notifications']),
    region: chosen.region.describe(meanings['/region']),
    updated_at: updatedAt,
  })
  .meta({ id: 'Preferences', description: 'The preferences of a person.' }) satisfies z.ZodType<
  ReturnType<typeof renderPreferences>
>

const exportSchema = z
  .strictObject({
    format: z.literal('growbin-export-v1').describe('Name of this format.'),
    exported_at: z.iso.datetime().describe('When the export began, RFC 3339 in UTC.'),
    profile: shownProfileSchema.describe('The profile.'),
    preferences: shownPreferencesSchema.describe('The preferences.'),
    sessions: z
      .array(
        z.strictObject({
          client: z.enum(['app', 'web']).describe('What the person signed in with.'),
          provider: z.string().nullable().describe('The login provider.'),
          created_at: z.iso.datetime().describe('When the person signed in, RFC 3339 in UTC.'),
          last_refreshed_at: z.iso.datetime().nullable().describe('When the session was last refreshed.'),
          ended_at: z.iso.datetime().nullable().describe('When it ended; null while it is live.'),
        }),
      )
      .describe('Every session that is still stored, newest first.'),
    analyses: z.array(historyItemSchema).describe('Every analysis, newest first.'),
  })
  .meta({ id: 'PersonExport', description: 'Everything that is stored about a person.' })

const profileExample = {
  user_id: '0198c5f1-03aa-7c11-8a0e-5d1c2b7e9f40',
  display_name: '라이언',
  picture_url: 'https://img.example.com/profiles/ryan.jpg',
  created_at: '2026-03-01T22:10:00.000Z',
  updated_at: null,
  identities: [
    { provider: 'kakao', created_at: '2026-03-01T22:10:00.000Z', last_login_at: '2026-03-01T22:10:00.000Z' },
  ],
} as const satisfies z.input<typeof shownProfileSchema>

const preferencesExample = {
  language: 'ko',
  notifications: { analysis_completed: true, weekly_summary: false, announcements: false },
  region: '11440',
} as const satisfies z.input<typeof preferencesSchema>

const shownPreferencesExample = { ...preferencesExample, updated_at: '2026-03-02T05:04:10.412Z' }

const entityTag = {
  ETag: {
    description: 'The version, for `If-Match`.',
    schema: z.string().regex(/^"[0-9]+"$/),
    example: '"3"',
    required: true,
  },
}

const ifMatch = {
  'If-Match': {
    description: 'Replaces only this version; without the header, any version.',
    schema: z.string(),
    example: '"3"',
  },
}

const profileAnswer = (description: string): Record<200, AnswerDescription> => ({
  200: {
    description,
    schema: shownProfileSchema,
    headers: entityTag,
    examples: { profile: { summary: 'Signed in with Kakao', value: profileExample } },
  },
})

const preferencesAnswer = (description: string): Record<200, AnswerDescription> => ({
  200: {
    description,
    schema: shownPreferencesSchema,
    headers: entityTag,
    examples: { preferences: { summary: 'Rules of a region', value: shownPreferencesExample } },
  },
})

const profileBody: BodyDescription = {
  name: 'ReplaceProfileRequest',
  schema: profileSchema,
  fields: {
    '/display_name':
      'The name to show: 1 to 40 characters after trimming, without control characters, line separators or direction marks.',
  },
  examples: { name: { summary: 'Another name', value: { display_name: '분리배출 고수' } } },
}

const preferencesBody: BodyDescription = {
  name: 'ReplacePreferencesRequest',
  schema: preferencesSchema,
  fields: meanings,
  examples: { preferences: { summary: 'Rules of a region', value: preferencesExample } },
}

const accountGone: ProblemDescription = {
  code: 'not_found',
  reason: 'not_found',
  when: 'The account was deleted a moment ago.',
}
const stale: ProblemDescription = {
  code: 'conflict',
  reason: 'version_conflict',
  when: 'It was replaced after the version of `If-Match`.',
}

export default {
  routes: {
    'GET /api/v1/users/profile': {
      operationId: 'readProfile',
      summary: 'Read the profile',
      description: 'The name that is shown, and the login providers of the account.',
      limitedBy: 'person',
      answers: profileAnswer('The profile.'),
      problems: [accountGone],
    },
    'PUT /api/v1/users/profile': {
      operationId: 'replaceProfile',
      summary: 'Replace the profile',
      description: 'Replaces all fields that a person may change.',
      limitedBy: 'person',
      headers: ifMatch,
      body: profileBody,
      answers: profileAnswer('The new profile.'),
      problems: [accountGone, stale],
    },
    'GET /api/v1/users/preferences': {
      operationId: 'readPreferences',
      summary: 'Read the preferences',
      description: 'The preferences of the person, with defaults for those that are not set.',
      limitedBy: 'person',
      answers: preferencesAnswer('The preferences.'),
      problems: [accountGone],
    },
    'PUT /api/v1/users/preferences': {
      operationId: 'replacePreferences',
      summary: 'Replace the preferences',
      description: 'Replaces all preferences.',
      limitedBy: 'person',
      headers: ifMatch,
      body: preferencesBody,
      answers: preferencesAnswer('The new preferences.'),
      problems: [accountGone, stale],
    },
    'GET /api/v1/users/export': {
      operationId: 'exportPerson',
      summary: 'Export everything',
      description: 'One JSON document with everything that is stored about the person, as a download.',
      limitedBy: 'person',
      answers: {
        200: {
          description: 'The document.',
          schema: exportSchema,
          headers: {
            'Content-Disposition': {
              description: 'Name of the file.',
              schema: z.string(),
              example: 'attachment; filename="growbin-export.json"',
              required: true,
            },
          },
          examples: {
            export: {
              summary: 'A person with one analysis',
              value: {
                format: 'growbin-export-v1',
                exported_at: '2026-03-02T06:00:00.000Z',
                profile: profileExample,
                preferences: shownPreferencesExample,
                sessions: [
                  {
                    client: 'app',
                    provider: 'kakao',
                    created_at: '2026-03-01T22:10:00.000Z',
                    last_refreshed_at: null,
                    ended_at: null,
                  },
                ],
                analyses: [historyItemExample],
              },
            },
          },
        },
      },
      problems: [accountGone],
    },
  },
} satisfies FunctionDescription<typeof spec>
