import type { MiddlewareHandler } from 'hono'
import { ProblemError, type Text } from '../http/errors.ts'
import type { AppEnv } from '../http/http-app.ts'
import type { VerifyAccessToken } from './access-token.ts'
import type { VerifyOperatorToken } from './operator-token.ts'

const bearerPattern = /^Bearer ([A-Za-z0-9._~+/-]+=*)$/i

/** The token of an `Authorization` header of the scheme Bearer (RFC 6750, 2.1); undefined for any other. */
export const bearerTokenOf = (authorization: string | undefined): string | undefined =>
  bearerPattern.exec(authorization ?? '')?.[1]

/**
 * Middleware that requires an access token and sets `c.var.person`. Throws `ProblemError` 401 without a valid token, and what
 * `verifyAccessToken` throws.
 *
 * @example
 * app.use('/users/*', authenticate(createAccessCheck({ publicKeys, readRevocations })))
 */
export function authenticate(verifyAccessToken: VerifyAccessToken): MiddlewareHandler<AppEnv> {
  return async function authenticated(c, next) {
    const token = bearerTokenOf(c.req.header('authorization'))
    const person = token === undefined ? undefined : await verifyAccessToken(token)
    if (!person) throw refusal(token, { ko: '로그인이 필요합니다.', en: 'Please sign in.' })
    c.set('person', person)
    await next()
  }
}

/**
 * Middleware that requires an operator token and sets `c.var.operator`. Throws `ProblemError` 401 without a valid token, and what
 * `verifyOperatorToken` throws.
 */
export function authenticateOperator(verifyOperatorToken: VerifyOperatorToken): MiddlewareHandler<AppEnv> {
  return async function authenticatedOperator(c, next) {
    const token = bearerTokenOf(c.req.header('authorization'))
    const operator = token === undefined ? undefined : await verifyOperatorToken(token)
    if (!operator) {
      throw refusal(token, { ko: '운영자 토큰이 필요합니다.', en: 'This needs the token of an operator.' })
    }
    c.set('operator', operator)
    await next()
  }
}

function refusal(token: string | undefined, detail: Text): ProblemError {
  return new ProblemError('unauthenticated', {
    reason: token === undefined ? 'token_missing' : 'token_invalid',
    detail,
    // RFC 6750, 3.1: no error attribute when the request lacked authentication altogether.
    headers: { 'www-authenticate': token === undefined ? 'Bearer' : 'Bearer error="invalid_token"' },
  })
}
