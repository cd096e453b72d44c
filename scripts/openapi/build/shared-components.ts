import type { ApiDocument, JsonSchema } from '../document.ts'

/** Problem details (RFC 9457) as `functions/_lib/http/problem.ts` renders them. */
export const problemSchema: JsonSchema = {
  type: 'object',
  description: 'Problem details (RFC 9457). `reason` is for programs, `detail` for people.',
  properties: {
    type: { type: 'string', pattern: '^urn:growbin:problem:[a-z_]+$', description: 'The reason, as a URN.' },
    title: { type: 'string', minLength: 1, description: 'The kind of problem, in English.' },
    status: { type: 'integer', minimum: 400, maximum: 599, description: 'The status of the answer.' },
    detail: {
      type: 'string',
      minLength: 1,
      description: 'What to tell the person, in Korean or English as `Accept-Language` prefers; Korean by default.',
    },
    reason: { type: 'string', pattern: '^[a-z_]+$', description: 'Stable word for programs.' },
    request_id: {
      type: 'string',
      minLength: 8,
      description: 'Finds the request in our log; the same as `X-Request-Id`.',
    },
    errors: {
      type: 'array',
      maxItems: 20,
      description: 'The wrong fields of the request, at most 20.',
      items: {
        type: 'object',
        properties: {
          pointer: {
            type: 'string',
            pattern: '^(/[\\s\\S]*)?$',
            description: 'The field, as a JSON pointer (RFC 6901).',
          },
          detail: { type: 'string', minLength: 1, description: 'What is wrong with it, in English.' },
        },
        required: ['pointer', 'detail'],
        additionalProperties: false,
      },
    },
  },
  required: ['type', 'title', 'status', 'detail', 'reason', 'request_id'],
  additionalProperties: false,
}

/** A list of structured fields (RFC 9651). */
const listOf = (item: string) => `^${item}(, ${item})*$`

export const headers: ApiDocument['components']['headers'] = {
  'Content-Language': {
    description: 'Language of `detail`.',
    required: true,
    schema: { type: 'string', enum: ['ko', 'en'] },
  },
  RateLimit: {
    description:
      'What is left of the limit (draft-ietf-httpapi-ratelimit-headers): `r` requests, for `t` seconds more.',
    required: true,
    schema: { type: 'string', pattern: listOf('"[a-z-]+";r=\\d+;t=\\d+') },
    example: '"waste-presign";r=19;t=42',
  },
  'RateLimit-Policy': {
    description: 'The limits (draft-ietf-httpapi-ratelimit-headers): `q` requests in `w` seconds each.',
    required: true,
    schema: { type: 'string', pattern: listOf('"[a-z-]+";q=\\d+;w=\\d+') },
    example: '"waste-presign";q=20;w=60',
  },
  'X-Request-Id': {
    description: 'The id of this request: the one that was sent, or a new one.',
    required: true,
    schema: { type: 'string', pattern: '^[A-Za-z0-9._-]{8,64}$' },
  },
}

export const parameters: ApiDocument['components']['parameters'] = {
  'Accept-Language': {
    name: 'Accept-Language',
    in: 'header',
    description: 'Language of texts for people: Korean or English, by weight; Korean by default.',
    schema: { type: 'string' },
    example: 'en-GB,en;q=0.9,ko;q=0.5',
  },
  'X-Request-Id': {
    name: 'X-Request-Id',
    in: 'header',
    description: 'Id of the request, for following it through the log. One of another form is replaced.',
    schema: { type: 'string' },
    example: 'app-7f3a2c91',
  },
}

export const securitySchemes = {
  bearer: {
    type: 'http',
    scheme: 'bearer',
    bearerFormat: 'JWT',
    description: 'The access token of a login or a refresh. It lives 15 minutes, and ends with its session.',
  },
  operator: {
    type: 'http',
    scheme: 'bearer',
    bearerFormat: 'JWT',
    description:
      'A token of an operator, which the deployment signs with a key of its own: type `operator+jwt`, audience ' +
      '`growbin-operations`, an hour at most. Access tokens of people are refused here, and it is refused elsewhere.',
  },
}

export const introduction = [
  'Growbin tells from a photo how to sort a piece of waste.',
  '**Errors** are problem details (RFC 9457, `application/problem+json`). Decide by `reason`, and show `detail`, which is',
  'in the language of `Accept-Language`. A path or a method that does not exist gets a 404 or 405 of the same shape from',
  'the gateway.',
  '**What is somebody else’s** is answered as if it did not exist.',
  '**Limits** are told in `RateLimit` and `RateLimit-Policy`; after a 429 or 503 wait for `Retry-After` seconds.',
  '**Times** are RFC 3339 in UTC. Unknown fields of a request are refused.',
].join('\n')
