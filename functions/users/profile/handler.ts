import type { Context } from 'hono'
import type { VerifyAccessToken } from '../../_lib/access/access-token.ts'
import { createApiApp } from '../../_lib/http/api-app.ts'
import type { AppEnv, HttpApp, HttpAppOptions } from '../../_lib/http/http-app.ts'
import { readJsonBody } from '../../_lib/http/read-body.ts'
import { type CountUse, rateLimit } from '../../_lib/limits/rate-limit.ts'
import { type Preferences, preferencesSchema } from '../preferences.ts'
import type { ExpectedVersions, Versioned } from '../versioned.ts'
import { parseIfMatch, renderEntityTag } from './entity-tag.ts'
import { streamText } from './export/stream-text.ts'
import spec from './function.ts'
import { type Profile, type ProfileFields, profileSchema } from './profile.ts'
import { renderPreferences, renderProfile } from './render.ts'

export type HandlerOptions = HttpAppOptions & {
  verifyAccessToken: VerifyAccessToken
  countUse: CountUse
  requestsPerMinuteMax: number
  exportsPerHourMax: number
  profile: (userId: string) => Promise<Versioned<Profile>>
  replaceProfile: (input: {
    userId: string
    fields: ProfileFields
    expected: ExpectedVersions
  }) => Promise<Versioned<Profile>>
  preferences: (userId: string) => Promise<Versioned<Preferences>>
  replacePreferences: (input: {
    userId: string
    preferences: Preferences
    expected: ExpectedVersions
  }) => Promise<Versioned<Preferences>>
  exportPerson: (userId: string) => Promise<AsyncGenerator<string>>
}

const userIdOf = (c: Context<AppEnv>) => c.var.person.userId

export function createHandler(options: HandlerOptions): HttpApp {
  const app = createApiApp({ ...options, routes: spec.trigger.routes })
  const limitTo = (name: string, limit: number, windowSeconds: number) =>
    rateLimit({ name, countUse: options.countUse, limit, windowSeconds, keyOf: userIdOf })
  const limited = limitTo('users-profile', options.requestsPerMinuteMax, 60)
  const exportLimited = limitTo('users-export', options.exportsPerHourMax, 3_600)

  app.get('/api/v1/users/profile', limited, async (c) => {
    const found = await options.profile(userIdOf(c))
    return c.json(renderProfile(found), 200, { etag: renderEntityTag(found.version) })
  })

  app.put('/api/v1/users/profile', limited, async (c) => {
    const fields = await readJsonBody(c, profileSchema)
    const expected = parseIfMatch(c.req.header('if-match'))
    const stored = await options.replaceProfile({ userId: userIdOf(c), fields, expected })
    return c.json(renderProfile(stored), 200, { etag: renderEntityTag(stored.version) })
  })

  app.get('/api/v1/users/preferences', limited, async (c) => {
    const found = await options.preferences(userIdOf(c))
    return c.json(renderPreferences(found), 200, { etag: renderEntityTag(found.version) })
  })

  app.put('/api/v1/users/preferences', limited, async (c) => {
    const preferences = await readJsonBody(c, preferencesSchema)
    const expected = parseIfMatch(c.req.header('if-match'))
    const stored = await options.replacePreferences({ userId: userIdOf(c), preferences, expected })
    return c.json(renderPreferences(stored), 200, { etag: renderEntityTag(stored.version) })
  })

  app.get('/api/v1/users/export', exportLimited, async (c) => {
    const pieces = await options.exportPerson(userIdOf(c))
    const body = streamText(pieces, (error) => options.log.warn('An export was aborted', { error }))
    return c.body(body, 200, {
      'content-type': 'application/json',
      'content-disposition': 'attachment; filename="growbin-export.json"',
    })
  })
  return app
}
