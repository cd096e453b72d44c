import type { BlockList } from 'node:net'
import type { Context } from 'hono'
import type { JSONWebKeySet } from 'jose'
import * as z from 'zod'
import { accessTokenLifetimeSeconds, type Person, type VerifyAccessToken } from '../../_lib/access/access-token.ts'
import { bearerTokenOf } from '../../_lib/access/authenticate.ts'
import { createApiApp } from '../../_lib/http/api-app.ts'
import { notFound } from '../../_lib/http/errors.ts'
import type { AppEnv, HttpApp, HttpAppOptions } from '../../_lib/http/http-app.ts'
import { isUuid, readJsonBody } from '../../_lib/http/read-body.ts'
import { boundedText } from '../../_lib/http/request-values.ts'
import { limitByAddress } from '../../_lib/limits/limit-by-address.ts'
import type { CountUse } from '../../_lib/limits/rate-limit.ts'
import { deviceIdSchema } from '../device-id.ts'
import { refreshTokenPattern } from '../refresh-token.ts'
import { clearRefreshCookie, readWebCookies, requireOwnPage, setWebCookies } from '../web-client.ts'
import spec from './function.ts'
import type { Refreshed, RefreshInput } from './refresh.ts'
import type { SessionRecord } from './store/session-record.pg.ts'

const refreshTokenSchema = z.string().regex(refreshTokenPattern, 'expected a refresh token')

export const refreshRequestSchema = z.union([
  z.strictObject({ refresh_token: refreshTokenSchema, device_id: deviceIdSchema.optional() }),
  z.strictObject({ client: z.literal('web') }),
])

export const logoutRequestSchema = z.strictObject({
  refresh_token: boundedText(0, 512).optional(),
  client: z.enum(['app', 'web']).optional(),
})

export type HandlerOptions = HttpAppOptions & {
  verifyAccessToken: VerifyAccessToken
  countUse: CountUse
  refreshesPerMinuteMax: number
  logoutsPerMinuteMax: number
  trustedProxies: BlockList
  webOrigins: readonly string[]
  findPublicKeys: () => Promise<JSONWebKeySet>
  refresh: (input: RefreshInput) => Promise<Refreshed>
  logout: (input: { refreshToken: string | undefined; person: Person | undefined }) => Promise<void>
  me: (person: Person) => Promise<SessionRecord>
  listSessions: (userId: string) => Promise<SessionRecord[]>
  endSession: (sessionId: string, userId: string) => Promise<boolean>
}

const keysAgeSeconds = 300

export function createHandler(options: HandlerOptions): HttpApp {
  const app = createApiApp({ ...options, routes: spec.trigger.routes })
  const limited = (name: string, limit: number) => limitByAddress(options, name, limit)

  app.post('/api/v1/auth/refresh', limited('auth-refresh', options.refreshesPerMinuteMax), async (c) => {
    const request = await readJsonBody(c, refreshRequestSchema)
    if (!('client' in request)) {
      const { refresh_token: refreshToken, device_id: deviceId } = request
      return c.json(renderRefreshed(await options.refresh({ refreshToken, deviceId }), 'app'))
    }
    requireOwnPage(c, options.webOrigins)
    const { refreshToken = '', deviceId } = readWebCookies(c)
    const refreshed = await options.refresh({ refreshToken, deviceId })
    setWebCookies(c, { refreshToken: refreshed.refreshToken, deviceId })
    return c.json(renderRefreshed(refreshed, 'web'))
  })

  app.post('/api/v1/auth/logout', limited('auth-logout', options.logoutsPerMinuteMax), async (c) => {
    const request = await readLogoutRequest(c)
    const web = request.client === 'web'
    if (web) requireOwnPage(c, options.webOrigins)
    const token = bearerTokenOf(c.req.header('authorization'))
    const person = token === undefined ? undefined : await options.verifyAccessToken(token)
    await options.logout({ refreshToken: web ? readWebCookies(c).refreshToken : request.refresh_token, person })
    if (web) clearRefreshCookie(c)
    return c.body(null, 204)
  })

  app.get('/api/v1/auth/me', async (c) => c.json(renderMe(await options.me(c.var.person))))

  app.get('/api/v1/auth/sessions', async (c) => {
    const sessions = await options.listSessions(c.var.person.userId)
    return c.json({ sessions: sessions.map((session) => renderSession(session, c.var.person.sessionId)) })
  })

  app.delete('/api/v1/auth/sessions/:session_id', async (c) => {
    const sessionId = c.req.param('session_id')
    if (!isUuid(sessionId) || !(await options.endSession(sessionId, c.var.person.userId))) throw notFound()
    return c.body(null, 204)
  })

  app.get('/.well-known/jwks.json', async (c) =>
    c.json(await options.findPublicKeys(), 200, { 'cache-control': `public, max-age=${keysAgeSeconds}` }),
  )
  return app
}

/** Without a content type the request counts as one without a body, so that a logout does not fail on its form. */
async function readLogoutRequest(c: Context<AppEnv>): Promise<z.output<typeof logoutRequestSchema>> {
  if (!c.req.header('content-type')) return {}
  return readJsonBody(c, logoutRequestSchema)
}

const renderRefreshed = ({ accessToken, refreshToken, session }: Refreshed, client: 'app' | 'web') => ({
  access_token: accessToken,
  token_type: 'Bearer',
  expires_in: accessTokenLifetimeSeconds,
  ...(client === 'app' && { refresh_token: refreshToken }),
  user: { user_id: session.userId, display_name: session.displayName, is_new: false },
})

const renderMe = (record: SessionRecord) => ({
  user_id: record.userId,
  display_name: record.displayName,
  session_id: record.sessionId,
  provider: record.provider,
  created_at: record.createdAt.toISOString(),
  authenticated_at: record.authenticatedAt.toISOString(),
})

const renderSession = (record: SessionRecord, currentSessionId: string) => ({
  session_id: record.sessionId,
  client: record.client,
  provider: record.provider,
  created_at: record.createdAt.toISOString(),
  last_refreshed_at: record.lastRefreshedAt?.toISOString() ?? null,
  ends_at: record.endsAt.toISOString(),
  current: record.sessionId === currentSessionId,
})
