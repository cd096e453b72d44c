import { Hono } from 'hono'
import { runInContext } from '../../../functions/_lib/events/trace.ts'
import { ProblemError, statusOf } from '../../../functions/_lib/http/errors.ts'
import { renderProblem } from '../../../functions/_lib/http/problem.ts'
import type { ProblemDescription } from '../../../functions/_lib/openapi/description.ts'
import type { ExampleObject, HeaderObject, Reference, ResponseObject } from '../document.ts'
import type { AccessibleRoute } from './load-descriptions.ts'

/** One response for each status, with the reasons that it can have on this route. */
export async function describeProblems(
  problems: readonly ProblemDescription[],
  route: AccessibleRoute,
): Promise<Record<string, ResponseObject>> {
  const byStatus = Object.groupBy(problems, ({ code }) => String(statusOf[code]))
  const responses = await Promise.all(
    Object.entries(byStatus).map(async ([status, same = []]) => [status, await describe(Number(status), same, route)]),
  )
  return Object.fromEntries(responses)
}

async function describe(
  status: number,
  problems: readonly ProblemDescription[],
  route: AccessibleRoute,
): Promise<ResponseObject> {
  const examples: Record<string, ExampleObject> = {}
  for (const problem of problems) {
    if (problem.reason in examples) throw new Error(`"${route.operationId}" describes "${problem.reason}" twice`)
    examples[problem.reason] = { summary: problem.when, value: await renderExample(problem, route) }
  }
  return {
    description: problems.map(({ reason, when }) => `- \`${reason}\`: ${when}`).join('\n'),
    headers: headersOf(status, problems, route),
    content: {
      'application/problem+json': {
        schema: {
          allOf: [{ $ref: '#/components/schemas/Problem' }],
          type: 'object',
          properties: { status: { const: status }, reason: { enum: problems.map(({ reason }) => reason) } },
        },
        examples,
      },
    },
  }
}

function headersOf(
  status: number,
  problems: readonly ProblemDescription[],
  route: AccessibleRoute,
): Record<string, HeaderObject | Reference> {
  const shared = (name: string) => ({ [name]: { $ref: `#/components/headers/${name}` } })
  return {
    ...shared('X-Request-Id'),
    ...shared('Content-Language'),
    ...(status === 429 && route.limitedBy && { ...shared('RateLimit'), ...shared('RateLimit-Policy') }),
    ...(problems.some(({ retryAfter }) => retryAfter) && {
      'Retry-After': {
        description: 'Seconds to wait before trying again.',
        required: problems.every(({ retryAfter }) => retryAfter),
        schema: { type: 'integer', minimum: 1 },
        example: 5,
      },
    }),
    ...(status === 401 &&
      route.access !== 'public' && {
        'WWW-Authenticate': {
          description: 'RFC 6750; with `error="invalid_token"` when there was a token.',
          required: true,
          schema: { type: 'string', enum: ['Bearer', 'Bearer error="invalid_token"'] },
        },
      }),
  }
}

/** Rendered by the code that renders the real one. */
async function renderExample(problem: ProblemDescription, route: AccessibleRoute): Promise<unknown> {
  const [field = ''] = [
    ...Object.keys(route.body?.fields ?? {}),
    ...Object.keys(route.query ?? {}).map((name) => `/${name}`),
  ]
  const error = new ProblemError(problem.code, {
    reason: problem.reason,
    detail: { ko: problem.when, en: problem.when },
    ...(problem.fields && { fields: [{ pointer: field, detail: 'is not as described' }] }),
  })
  const app = new Hono()
  app.get('/', (c) => renderProblem(c, error))
  const request = { requestId: 'app-7f3a2c91', traceparent: '' }
  return (await runInContext(request, () => app.request('/'))).json()
}
