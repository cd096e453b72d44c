import { getConnInfo } from '@hono/node-server/conninfo'
import type { Context } from 'hono'
import * as z from 'zod'
import { accessTokenLifetimeSeconds } from '../../_lib/access-token.ts'
import { clientAddress } from '../../_lib/client-address.ts'
import { notFound, ProblemError } from '../../_lib/errors.ts'
import { createHttpApp, type HttpApp, type HttpAppOptions } from '../../_lib/http-app.ts'
import { type CountUse, rateLimit } from '../../_lib/rate-limit.ts'
import { readJsonBody } from '../../_lib/read-body.ts'
import { type Provider, providerSchema } from '../provider.ts'
import type { BegunLogin } from './begin-login.ts'
import type { LoggedIn, LoginInput } from './login.ts'

export const beginRequestSchema = z.strictObject({ redirect_uri: z.string().min(1).max(2048) })

export const loginRequestSchema = z.strictObject({
  kind: z.literal('authorization_code'),
  login_attempt_id: z.uuid(),
  code: z.string().min(1).max(2048),
  state: z.string().min(1).max(512),
  redirect_uri: z.string().min(1).max(2048),
  /** To be passed on when the redirect has it; demanded of a provider that announces it (RFC 9207). */
  iss: z.string().min(1).max(2048).optional(),
})

export type HandlerOptions = HttpAppOptions & {
  countUse: CountUse
  loginsPerMinuteMax: number
  trustedProxyHops: number
  beginLogin: (input: { provider: Provider; redirectUri: string }) => Promise<BegunLogin>
  login: (input: LoginInput) => Promise<LoggedIn>
}

export function createHandler(options: HandlerOptions): HttpApp {
  const app = createHttpApp(options)
  const limited = (name: string) =>
    rateLimit({
      name,
      countUse: options.countUse,
      limit: options.loginsPerMinuteMax,
      windowSeconds: 60,
      keyOf: (c) => clientAddress(c.req.header('x-forwarded-for'), peerAddress(c), options.trustedProxyHops),
    })

  app.post('/api/v1/auth/login/:provider/begin', limited('auth-login-begin'), async (c) => {
    const provider = providerOf(c.req.param('provider'))
    const { redirect_uri: redirectUri } = await readJsonBody(c, beginRequestSchema)
    const begun = await options.beginLogin({ provider, redirectUri })
    return c.json(
      {
        login_attempt_id: begun.loginAttemptId,
        authorize_url: begun.authorizeUrl,
        state: begun.state,
        expires_in: begun.expiresSeconds,
      },
      201,
    )
  })

  app.post('/api/v1/auth/login/:provider', limited('auth-login'), async (c) => {
    const provider = providerOf(c.req.param('provider'))
    const request = await readJsonBody(c, loginRequestSchema)
    const input = {
      provider,
      loginAttemptId: request.login_attempt_id,
      code: request.code,
      state: request.state,
      redirectUri: request.redirect_uri,
      issuer: request.iss,
    }
    const { accessToken, refreshToken, account } = await options.login(input).catch((error: unknown) => {
      // Refused logins are what an attack looks like from here. What is unavailable is logged with every request.
      if (error instanceof ProblemError && error.code !== 'unavailable') {
        options.log.warn('A login was refused', { error, provider })
      }
      options.metrics.count('logins_total', { provider, outcome: 'failed' })
      throw error
    })
    options.metrics.count('logins_total', { provider, outcome: 'succeeded' })
    return c.json({
      access_token: accessToken,
      token_type: 'Bearer',
      expires_in: accessTokenLifetimeSeconds,
      refresh_token: refreshToken,
      user: { user_id: account.userId, display_name: account.displayName, is_new: account.isNew },
    })
  })
  return app
}

function providerOf(text: string): Provider {
  const parsed = providerSchema.safeParse(text)
  if (!parsed.success) throw notFound()
  return parsed.data
}

/** Undefined when the app is called without a socket, as tests do. */
function peerAddress(c: Context): string | undefined {
  return 'incoming' in (c.env ?? {}) ? getConnInfo(c).remote.address : undefined
}
