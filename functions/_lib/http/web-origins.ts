import type { MiddlewareHandler } from 'hono'
import type { AppEnv } from './http-app.ts'

const preflightSeconds = '600'
const requestHeaders =
  'authorization, content-type, idempotency-key, if-match, last-event-id, traceparent, x-growbin-client, x-request-id'
const answerHeaders = 'etag, location, ratelimit, ratelimit-policy, retry-after, x-request-id'

/** Middleware that allows cross-origin requests (CORS) from exactly these origins, such as `https://app.example`. */
export function allowWebOrigins(origins: readonly string[]): MiddlewareHandler<AppEnv> {
  return async function webOrigins(c, next) {
    const origin = c.req.header('origin')
    const allowed = origin !== undefined && origins.includes(origin)
    if (c.req.method === 'OPTIONS' && allowed) {
      return c.body(null, 204, {
        'access-control-allow-origin': origin,
        'access-control-allow-credentials': 'true',
        'access-control-allow-methods': 'GET, POST, PUT, DELETE',
        'access-control-allow-headers': requestHeaders,
        'access-control-max-age': preflightSeconds,
        vary: 'origin',
      })
    }
    await next()
    // Also without an origin, or a cache would serve that response, without CORS headers, to a web client.
    c.res.headers.append('vary', 'origin')
    if (!allowed) return
    c.res.headers.set('access-control-allow-origin', origin)
    c.res.headers.set('access-control-allow-credentials', 'true')
    c.res.headers.set('access-control-expose-headers', answerHeaders)
  }
}
