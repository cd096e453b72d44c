import type { BlockList } from 'node:net'
import type { Context } from 'hono'
import * as z from 'zod'
import { accessTokenLifetimeSeconds } from '../../_lib/access/access-token.ts'
import { createApiApp } from '../../_lib/http/api-app.ts'
import { notFound, ProblemError } from '../../_lib/http/errors.ts'
import type { HttpApp, HttpAppOptions } from '../../_lib/http/http-app.ts'
import { readJsonBody } from '../../_lib/http/read-body.ts'
import { boundedText } from '../../_lib/http/request-values.ts'
import { limitByAddress } from '../../_lib/limits/limit-by-address.ts'
import type { CountUse } from '../../_lib/limits/rate-limit.ts'
import { deviceIdSchema } from '../device-id.ts'
import { type Provider, providerSchema } from '../provider.ts'
import { readWebCookies, requireOwnPage, setWebCookies } from '../web-client.ts'
import type { BegunLogin } from './begin-login.ts'
import spec from './function.ts'
import type { LoggedIn, LoginInput, LoginProof } from './login.ts'

export const beginRequestSchema = z.strictObject({ redirect_uri: boundedText(1, 2048) })

const loginFields = {
  login_attempt_id: z.uuid(),
  device_id: deviceIdSchema.optional(),
  client: z.enum(['app', 'web']).optional(),
}

export const loginRequestSchema = z
  .discriminatedUnion('kind', [
    z.strictObject({
      kind: z.literal('authorization_code'),
      ...loginFields,
      code: boundedText(1, 2048),
      state: boundedText(1, 512),
      redirect_uri: boundedText(1, 2048),
      /** `iss` of the redirect, when it has one; required of a provider that announces it (RFC 9207). */
      iss: boundedText(1, 2048).optional(),
    }),
    z.strictObject({ kind: z.literal('id_token'), ...loginFields, id_token: boundedText(1, 8192) }),
  ])
  .refine((request) => request.client !== 'web' || request.device_id === undefined, {
    path: ['device_id'],
    error: 'is not for web clients, whose device is a cookie',
  })

type LoginRequest = z.output<typeof loginRequestSchema>

export type HandlerOptions = HttpAppOptions & {
  countUse: CountUse
  loginsPerMinuteMax: number
  trustedProxies: BlockList
  webOrigins: readonly string[]
  /** Creates the device id of a web client that has none yet. */
  createDeviceId: () => string
  beginLogin: (input: { provider: Provider; redirectUri: string }) => Promise<BegunLogin>
  login: (input: LoginInput) => Promise<LoggedIn>
}

export function createHandler(options: HandlerOptions): HttpApp {
  const app = createApiApp({ ...options, routes: spec.trigger.routes })
  const limited = (name: string) => limitByAddress(options, name, options.loginsPerMinuteMax)

  app.post('/api/v1/auth/login/:provider/begin', limited('auth-login-begin'), async (c) => {
    const provider = providerOf(c.req.param('provider'))
    const { redirect_uri: redirectUri } = await readJsonBody(c, beginRequestSchema)
    const begun = await options.beginLogin({ provider, redirectUri })
    return c.json(
      {
        login_attempt_id: begun.loginAttemptId,
        authorize_url: begun.authorizeUrl,
        state: begun.state,
        ...(begun.nonce !== undefined && { nonce: begun.nonce }),
        expires_in: begun.expiresSeconds,
      },
      201,
    )
  })

  app.post('/api/v1/auth/login/:provider', limited('auth-login'), async (c) => {
    const provider = providerOf(c.req.param('provider'))
    const request = await readJsonBody(c, loginRequestSchema)
    const client = request.client ?? 'app'
    if (client === 'web') requireOwnPage(c, options.webOrigins)
    const deviceId = client === 'web' ? (webDeviceOf(c) ?? options.createDeviceId()) : request.device_id
    const input = {
      provider,
      loginAttemptId: request.login_attempt_id,
      proof: proofOf(request),
      client,
      deviceId,
    }
    const { accessToken, refreshToken, account } = await options.login(input).catch((error: unknown) => {
      // Refused logins show an attack. An unavailable provider is already in the request log.
      if (error instanceof ProblemError && error.code !== 'unavailable') {
        options.log.warn('A login was refused', { error, provider })
      }
      options.metrics.count('logins_total', { provider, outcome: 'failed' })
      throw error
    })
    options.metrics.count('logins_total', { provider, outcome: 'succeeded' })
    options.log.info('A login succeeded', { provider, client, session_id: account.sessionId })
    if (client === 'web') setWebCookies(c, { refreshToken, deviceId })
    return c.json({
      access_token: accessToken,
      token_type: 'Bearer',
      expires_in: accessTokenLifetimeSeconds,
      ...(client === 'app' && { refresh_token: refreshToken }),
      user: { user_id: account.userId, display_name: account.displayName, is_new: account.isNew },
    })
  })
  return app
}

function proofOf(request: LoginRequest): LoginProof {
  if (request.kind === 'id_token') return { kind: 'id_token', idToken: request.id_token }
  const { kind, code, state, redirect_uri: redirectUri, iss: issuer } = request
  return { kind, code, state, redirectUri, issuer }
}

/** The device id of the cookie; undefined for a cookie that this service did not set. */
function webDeviceOf(c: Context): string | undefined {
  return deviceIdSchema.safeParse(readWebCookies(c).deviceId).data
}

function providerOf(text: string): Provider {
  const parsed = providerSchema.safeParse(text)
  if (!parsed.success) throw notFound()
  return parsed.data
}
