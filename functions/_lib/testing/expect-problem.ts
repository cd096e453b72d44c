import { expect } from 'vitest'
import * as z from 'zod'

const problemSchema = z.strictObject({
  type: z.string().regex(/^urn:growbin:problem:[a-z_]+$/),
  title: z.string().min(1),
  status: z.int(),
  detail: z.string().min(1),
  reason: z.string().regex(/^[a-z_]+$/),
  request_id: z.string().min(8),
  errors: z.array(z.strictObject({ pointer: z.string().regex(/^(?:\/.*)?$/), detail: z.string().min(1) })).optional(),
})

export type RenderedProblem = z.infer<typeof problemSchema>

/**
 * Asserts that a response is problem details of `status`, with the documented members and no other, and that its headers and its body
 * agree. Resolves to the body.
 */
export async function expectProblem(response: Response, status: number): Promise<RenderedProblem> {
  const text = await response.text()
  expect({ status: response.status, text }).toMatchObject({ status })
  expect(response.headers.get('content-type')).toBe('application/problem+json')
  expect(response.headers.get('content-language')).toMatch(/^(?:ko|en)$/)
  expectSafeHeaders(response)
  const problem = problemSchema.parse(JSON.parse(text))
  expect(problem.status).toBe(status)
  expect(problem.request_id).toBe(response.headers.get('x-request-id'))
  return problem
}

/** Asserts the security headers that every response has. */
export function expectSafeHeaders(response: Response): void {
  expect(Object.fromEntries(response.headers)).toMatchObject({
    'strict-transport-security': 'max-age=31536000; includeSubDomains',
    'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
    'referrer-policy': 'no-referrer',
    'x-content-type-options': 'nosniff',
  })
  expect(response.headers.get('cache-control')).toBeTruthy()
  expect(response.headers.get('x-powered-by')).toBeNull()
}
