import type { MiddlewareHandler } from 'hono'
import type { VerifyAccessToken } from './access-token.ts'
import { authenticate } from './authenticate.ts'
import { notFound } from './errors.ts'
import type { Route } from './function-spec.ts'
import { type AppEnv, createHttpApp, type HttpApp, type HttpAppOptions } from './http-app.ts'

export type ApiAppOptions = HttpAppOptions & {
  /** The routes of the function's specification, and no others: what is not declared there cannot be reached. */
  routes: readonly Route[]
  /** Needed unless every route is public. */
  verifyAccessToken?: VerifyAccessToken
  /** Runs before anybody is asked who they are, for what a refusal must carry too. */
  before?: readonly MiddlewareHandler<AppEnv>[]
}

const probes = new Set(['/healthz', '/readyz', '/metrics'])

/**
 * An HTTP app for people. Whether a route asks for a signed-in person is decided here, from the specification, before any
 * handler runs: a new route is closed unless `function.ts` says that it is public.
 */
export function createApiApp(options: ApiAppOptions): HttpApp {
  const signIn = options.verifyAccessToken && authenticate(options.verifyAccessToken)
  if (!signIn && options.routes.some((route) => route.access !== 'public')) {
    throw new Error('A route needs a signed-in person, and "verifyAccessToken" is missing')
  }
  const declared = options.routes.map((route) => ({
    method: route.method,
    pattern: new RegExp(`^${route.path.replace(/[.]/g, '\\.').replace(/:[a-z_]+/g, '[^/]+')}$`),
    isPublic: route.access === 'public',
  }))

  const app = createHttpApp(options)
  for (const middleware of options.before ?? []) app.use(middleware)
  app.use(async function declaredAccess(c, next) {
    const { path } = c.req
    if (probes.has(path)) return next()
    // HEAD is answered by whoever answers GET.
    const method = c.req.method === 'HEAD' ? 'GET' : c.req.method
    const route = declared.find((candidate) => candidate.method === method && candidate.pattern.test(path))
    if (!route) throw notFound()
    return route.isPublic || !signIn ? next() : signIn(c, next)
  })
  return app
}
