import type { ProblemDescription } from '../../../functions/_lib/openapi/description.ts'
import type { Access, HttpMethod } from '../../../functions/_lib/process/function-spec.ts'
import type { AccessibleRoute } from './load-descriptions.ts'

/** Problems that every route of its kind can answer, since the same code of `functions/_lib` stands before its handler. */
export function sharedProblems(method: HttpMethod, route: AccessibleRoute): ProblemDescription[] {
  return [
    ...unauthenticated[route.access],
    ...(route.access === 'operator' && !describesMissing(route) ? [outsideOfNetworks] : []),
    ...(route.body ? withBody : []),
    ...(route.query ? [withQuery] : []),
    ...(method === 'GET' ? [] : [tooLarge]),
    ...(route.limitedBy ? [limited(route.limitedBy)] : []),
    ...always,
  ]
}

/** From outside the answer is that of a thing that is not there, which a route with an id describes already. */
const outsideOfNetworks: ProblemDescription = {
  code: 'not_found',
  reason: 'not_found',
  when: 'The request comes from outside of the networks of operators.',
}

const describesMissing = (route: AccessibleRoute) => route.problems?.some(({ reason }) => reason === 'not_found')

const refusedWhen = (tokenInvalid: string): ProblemDescription[] => [
  { code: 'unauthenticated', reason: 'token_missing', when: 'The request has no bearer token.' },
  { code: 'unauthenticated', reason: 'token_invalid', when: tokenInvalid },
]

const unauthenticated: Record<Access, ProblemDescription[]> = {
  public: [],
  person: refusedWhen('The access token is expired, forged, or of a session that has ended.'),
  operator: refusedWhen('The token is expired, forged, of a person, or without the scope.'),
}

const withBody: ProblemDescription[] = [
  {
    code: 'invalid_request',
    reason: 'invalid_request',
    when: 'The body is no JSON, or has wrong, missing or unknown fields.',
    fields: true,
  },
  { code: 'unsupported_media_type', reason: 'json_expected', when: 'The body is not `application/json`.' },
]

const withQuery: ProblemDescription = {
  code: 'invalid_request',
  reason: 'invalid_request',
  when: 'The query has wrong or unknown parameters.',
  fields: true,
}

const tooLarge: ProblemDescription = {
  code: 'payload_too_large',
  reason: 'body_too_large',
  when: 'The body has more than 64 KiB.',
}

const limited = (by: 'person' | 'address'): ProblemDescription => ({
  code: 'rate_limited',
  reason: 'rate_limited',
  when: `There were too many requests of one ${by} in a short time.`,
  retryAfter: true,
})

const always: ProblemDescription[] = [
  { code: 'internal', reason: 'internal', when: 'The request met a fault of ours, which is logged by its request id.' },
  {
    code: 'unavailable',
    reason: 'dependency_unavailable',
    when: 'Something that the function needs does not answer.',
    retryAfter: true,
  },
]
