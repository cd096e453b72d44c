import { randomUUID } from 'node:crypto'
import { Hono } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import type { Person } from '../access/access-token.ts'
import type { Operator } from '../access/operator-token.ts'
import { continueTrace, runInContext } from '../events/trace.ts'
import type { Logger } from '../process/log.ts'
import type { Metrics } from '../process/metrics.ts'
import { ProblemError } from './errors.ts'
import { type Locale, parseLocale } from './locale.ts'
import { renderProblem, toProblem } from './problem.ts'

/**
 * What middleware sets for handlers. `person` is set by `authenticate`, `operator` by `authenticateOperator`, `isDeclared` by
 * `createApiApp`.
 */
export type AppEnv = { Variables: { locale: Locale; person: Person; operator: Operator; isDeclared: boolean } }
export type HttpApp = Hono<AppEnv>

export type HttpAppOptions = {
  log: Logger
  metrics: Metrics
  /** Origins of our web clients, from which a browser may call the API. Only `createApiApp` reads it. */
  webOrigins?: readonly string[]
  /** Largest request body; a larger one is answered with 413. With Infinity the handler limits it. */
  bodyBytesMax?: number
}

/**
 * Headers of every response (OWASP ASVS 5.0, 3.4): TLS for a year, no sniffing of types, no content that a browser loads or frames,
 * and no referrer.
 */
const safeHeaders = {
  'strict-transport-security': 'max-age=31536000; includeSubDomains',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
} as const
const safeHeaderEntries = Object.entries(safeHeaders)
const probeHeaders = { ...safeHeaders, 'cache-control': 'no-store' }

const bodyBytesMaxDefault = 65_536
const requestIdPattern = /^[A-Za-z0-9._-]{8,64}$/

/**
 * A Hono app with what every function has: probes, metrics, trace context, problem details, safe headers, and a limit of bodies
 * (64 KiB by default). Anything that a handler throws becomes a problem (RFC 9457); 500 is logged as an error, 503 as a warning.
 */
export function createHttpApp(options: HttpAppOptions): HttpApp {
  const app = new Hono<AppEnv>()

  app.get('/healthz', (c) => c.text('ok', 200, probeHeaders))
  // The port opens when the function is ready, so any answer means ready. The probe calls no dependency, since the outage of one
  // would make all instances unready at once; before SIGTERM queue-proxy itself refuses requests.
  app.get('/readyz', (c) => c.text('ok', 200, probeHeaders))
  app.get('/metrics', async (c) => {
    const { contentType, body } = await options.metrics.render()
    return c.body(body, 200, { ...probeHeaders, 'content-type': contentType })
  })

  app.use(async function requestContext(c, next) {
    const given = c.req.header('x-request-id')
    const requestId = given !== undefined && requestIdPattern.test(given) ? given : randomUUID()
    const traceparent = continueTrace(c.req.header('traceparent'))
    c.set('locale', parseLocale(c.req.header('accept-language')))
    const startedMs = performance.now()
    await runInContext({ requestId, traceparent }, next)
    const durationMs = performance.now() - startedMs
    const status = c.res.status
    c.res.headers.set('x-request-id', requestId)
    for (const [name, value] of safeHeaderEntries) c.res.headers.set(name, value)
    if (!c.res.headers.has('cache-control')) c.res.headers.set('cache-control', 'no-store')
    options.metrics.observeMs('http_request_duration', { method: c.req.method, status: String(status) }, durationMs)
    runInContext({ requestId, traceparent }, () =>
      options.log.debug('request', { method: c.req.method, path: c.req.path, status, duration_ms: durationMs }),
    )
  })

  const bodyBytesMax = options.bodyBytesMax ?? bodyBytesMaxDefault
  if (Number.isFinite(bodyBytesMax)) {
    const limitBody = bodyLimit({
      maxSize: bodyBytesMax,
      onError: () => {
        throw new ProblemError('payload_too_large', {
          reason: 'body_too_large',
          detail: { ko: '요청 본문이 너무 큽니다.', en: 'The request body is too large.' },
        })
      },
    })
    app.use(async function limitedBody(c, next) {
      // GET and HEAD have no body, and reading it would build a whole `Request` at each status poll.
      return c.req.method === 'GET' || c.req.method === 'HEAD' ? next() : limitBody(c, next)
    })
  }

  app.notFound((c) =>
    renderProblem(
      c,
      toProblem(new ProblemError('not_found', { detail: { ko: '없는 경로입니다.', en: 'No such path.' } })),
    ),
  )
  app.onError((error, c) => {
    const problem = toProblem(error)
    const fields = { error, method: c.req.method, path: c.req.routePath }
    if (problem.code === 'internal') options.log.error('The request failed', fields)
    else if (problem.code === 'unavailable') options.log.warn('The request met an unavailable dependency', fields)
    return renderProblem(c, problem)
  })
  return app
}
