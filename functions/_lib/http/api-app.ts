import type { BlockList } from 'node:net'
import type { MiddlewareHandler } from 'hono'
import type { VerifyAccessToken } from '../access/access-token.ts'
import { authenticate, authenticateOperator } from '../access/authenticate.ts'
import type { VerifyOperatorToken } from '../access/operator-token.ts'
import { clientAddressOf } from '../limits/client-address.ts'
import { isWithin } from '../limits/networks.ts'
import type { Access, Route } from '../process/function-spec.ts'
import { notFound } from './errors.ts'
import { type AppEnv, createHttpApp, type HttpApp, type HttpAppOptions } from './http-app.ts'
import { allowWebOrigins } from './web-origins.ts'

export type ApiAppOptions = HttpAppOptions & {
  /** `spec.trigger.routes` of the function. A path that they do not declare is answered with 404. */
  routes: readonly Route[]
  /** Needed by routes for a signed-in person. */
  verifyAccessToken?: VerifyAccessToken
  /** Needed by routes for operators, with the two lists of networks below. */
  verifyOperatorToken?: VerifyOperatorToken
  operatorNetworks?: BlockList
  trustedProxies?: BlockList
}

const neededFor = {
  public: '',
  person: 'verifyAccessToken',
  operator: 'verifyOperatorToken", "operatorNetworks" and "trustedProxies',
} as const satisfies Record<Access, string>

/**
 * An HTTP app for people or operators. It decides by the declared routes, before any handler runs, who may call which: a route without
 * `access` requires a signed-in person. Throws at construction when a verifier or a list of networks that a route needs is missing.
 *
 * @example
 * const app = createApiApp({ ...options, routes: spec.trigger.routes })
 * app.get('/api/v1/users/me', (c) => c.json({ user_id: c.var.person.userId }))
 */
export function createApiApp(options: ApiAppOptions): HttpApp {
  const { verifyAccessToken } = options
  const guards: Record<Access, MiddlewareHandler<AppEnv> | undefined> = {
    public: (_, next) => next(),
    person: verifyAccessToken && authenticate(verifyAccessToken),
    operator: operatorGuard(options),
  }

  const app = createHttpApp(options)
  // Before authentication, since a browser must be able to read a refusal too.
  if (options.webOrigins?.length) app.use(allowWebOrigins(options.webOrigins))
  for (const { method, path, access = 'person' } of options.routes) {
    const guard = guards[access]
    if (!guard) throw new Error(`"${method} ${path}" needs "${neededFor[access]}", and not all are given`)
    app.on(method, path, function declaredAccess(c, next) {
      c.set('isDeclared', true)
      return guard(c, next)
    })
  }
  app.use(function onlyDeclared(c, next) {
    if (!c.get('isDeclared')) throw notFound()
    return next()
  })
  return app
}

/** Checks the network before the token: outside of it a route for operators answers 404, as a path that does not exist. */
function operatorGuard(options: ApiAppOptions): MiddlewareHandler<AppEnv> | undefined {
  const { verifyOperatorToken, operatorNetworks, trustedProxies } = options
  if (!verifyOperatorToken || !operatorNetworks || !trustedProxies) return undefined
  const authenticated = authenticateOperator(verifyOperatorToken)
  return function operatorOnly(c, next) {
    const address = clientAddressOf(c, trustedProxies)
    if (address === undefined || !isWithin(operatorNetworks, address)) throw notFound()
    return authenticated(c, next)
  }
}
