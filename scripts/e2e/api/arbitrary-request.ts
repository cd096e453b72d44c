// Over 200 lines: the requests of one suite, each kind of which is drawn from the kinds before it.
import fc from 'fast-check'
import type { ApiDocument, JsonSchema, Operation, ParameterObject } from '../../openapi/document.ts'
import { arbitraryOf, mutate, oddValue } from './arbitrary-value.ts'

export type Credential = 'keeper' | 'leaver' | 'stranger' | 'operator' | 'expired' | 'forged' | 'garbage' | 'none'

export type ApiRequest = {
  operationId: string
  method: string
  /** With the query. */
  target: string
  credential: Credential
  headers: Record<string, string>
  body: string | undefined
}

/** Values that exist on the platform, by name of the parameter or field: ids of jobs, refresh tokens. */
export type KnownValues = Readonly<Record<string, readonly string[]>>

const methods = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'TRACE', 'PURGE', 'QUERY']
const longBody = JSON.stringify({ filling: 'x'.repeat(70_000) })

/** Requests for every route of the document, valid ones and invalid ones. */
export function requestOf(document: ApiDocument, known: KnownValues): fc.Arbitrary<ApiRequest> {
  const routes = Object.entries(document.paths).flatMap(([path, operations]) =>
    Object.entries(operations).map(([method, operation]) => requestAt(document, known, path, method, operation)),
  )
  return fc.oneof(...routes)
}

function requestAt(
  document: ApiDocument,
  known: KnownValues,
  path: string,
  documentedMethod: string,
  operation: Operation,
): fc.Arbitrary<ApiRequest> {
  const parameters = operation.parameters.filter((one): one is ParameterObject => !('$ref' in one))
  const inPlace = (place: string) => parameters.filter((one) => one.in === place)
  return fc
    .record({
      method: rarely(documentedMethod.toUpperCase(), fc.constantFrom(...methods)),
      path: pathOf(document, known, path, inPlace('path')),
      query: queryOf(document, inPlace('query')),
      credential: credentialFor(operation),
      headers: headersOf(document, inPlace('header')),
      body: bodyOf(document, known, operation),
    })
    .map(({ method, path: filled, query, credential, headers, body }) => ({
      operationId: operation.operationId,
      method,
      target: filled + query,
      credential,
      headers: { ...body.headers, ...headers },
      body: body.text,
    }))
}

/** The session of most requests, which must not end. */
function credentialFor({ operationId, security }: Operation): fc.Arbitrary<Credential> {
  if (security.some((scheme) => 'operator' in scheme)) {
    return fc.oneof(
      { weight: 9, arbitrary: fc.constant<Credential>('operator') },
      { weight: 3, arbitrary: fc.constantFrom<Credential>('keeper', 'expired', 'forged', 'garbage', 'none') },
    )
  }
  const ends = operationId === 'deleteAccount' || operationId === 'logout'
  return fc.oneof(
    { weight: 6, arbitrary: fc.constant<Credential>(ends ? 'leaver' : 'keeper') },
    { weight: 3, arbitrary: fc.constant<Credential>('stranger') },
    { weight: 3, arbitrary: fc.constantFrom<Credential>('operator', 'expired', 'forged', 'garbage', 'none') },
  )
}

const oddSegment = fc.oneof(
  fc.constantFrom(
    '%00',
    '%',
    '%zz',
    '%2e%2e',
    '%2F',
    'null',
    '0',
    '*',
    ';',
    'a'.repeat(2000),
    '%F0%9F%92%A9',
    "'%20or%201=1",
  ),
  fc.string({ unit: 'grapheme', minLength: 1, maxLength: 20 }).map((text) => encodeURIComponent(text.toWellFormed())),
)

function pathOf(
  document: ApiDocument,
  known: KnownValues,
  path: string,
  parameters: readonly ParameterObject[],
): fc.Arbitrary<string> {
  const filled = parameters.reduce<fc.Arbitrary<string>>((text, { name, schema }) => {
    const value = fc.oneof(
      { weight: 5, arbitrary: fc.constantFrom(...(known[name] ?? ['kakao'])) },
      { weight: 2, arbitrary: arbitraryOf(document, schema).map((one) => encodeURIComponent(String(one))) },
      { weight: 1, arbitrary: fc.constantFrom(...(known[name] ?? ['KAKAO'])).map((one) => one.toUpperCase()) },
      { weight: 2, arbitrary: oddSegment },
    )
    return fc.tuple(text, value).map(([before, one]) => before.replace(`{${name}}`, () => one))
  }, fc.constant(path))
  const odd = fc.oneof(
    filled.map((text) => `${text}/`),
    filled.map((text) => `/${text}`),
    filled.map((text) => text.toUpperCase()),
    filled.map((text) => text.replace('/api', '/api/./x/..')),
    fc.tuple(filled, oddSegment).map(([text, segment]) => `${text}/${segment}`),
    fc.constantFrom(
      '/',
      '//',
      '///',
      '/api',
      '/api/v1/',
      '/healthz',
      '/metrics',
      '/%',
      '//evil.example/api/v1/auth/me',
      '/api/v1/docs/',
      '/?',
    ),
  )
  return fc.oneof({ weight: 14, arbitrary: filled }, { weight: 1, arbitrary: odd })
}

function queryOf(document: ApiDocument, parameters: readonly ParameterObject[]): fc.Arbitrary<string> {
  const pair = fc.oneof(
    ...parameters.map(({ name, schema }) =>
      fc.oneof(arbitraryOf(document, schema), oddValue).map((value): [string, string] => [name, textOf(value)]),
    ),
    fc.tuple(fc.string({ maxLength: 8 }), oddValue).map(([name, value]): [string, string] => [name, textOf(value)]),
  )
  const some = fc
    .array(pair, { maxLength: 3 })
    .map((pairs) => (pairs.length === 0 ? '' : `?${new URLSearchParams(pairs)}`))
  const valid = fc
    .record(Object.fromEntries(parameters.map(({ name, schema }) => [name, arbitraryOf(document, schema)])), {
      requiredKeys: [],
    })
    .map((values) => Object.entries(values).map(([name, value]): [string, string] => [name, textOf(value)]))
    .map((pairs) => (pairs.length === 0 ? '' : `?${new URLSearchParams(pairs)}`))
  return fc.oneof(
    { weight: 4, arbitrary: fc.constant('') },
    { weight: 4, arbitrary: valid },
    { weight: 2, arbitrary: some },
    { weight: 1, arbitrary: fc.constantFrom('?', '?&&', '?%', '?a=%FF', '?__proto__=1', '?limit[]=1') },
  )
}

const textOf = (value: unknown): string =>
  (typeof value === 'string' ? value : (JSON.stringify(value) ?? '')).toWellFormed()

// The characters of a header: Latin-1 without controls. Whitespace at the ends is not part of a value.
const headerText = fc
  .string({ unit: fc.integer({ min: 0x20, max: 0xff }).map((code) => String.fromCharCode(code)), maxLength: 60 })
  .map((text) => text.replace(/[\x7f-\x9f]/g, '').trim())

function headersOf(
  document: ApiDocument,
  parameters: readonly ParameterObject[],
): fc.Arbitrary<Record<string, string>> {
  const optional = {
    'accept-language': fc.oneof(fc.constantFrom('en', 'ko-KR,ko;q=0.9', 'de', '*', 'en;q=9', ';;;,'), headerText),
    'x-request-id': fc.oneof(fc.constantFrom('app-7f3a2c91', 'x'), headerText),
    traceparent: fc.oneof(fc.constant(`00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`), headerText),
    'x-forwarded-for': fc.oneof(fc.ipV4(), fc.ipV6(), headerText),
    origin: fc.constantFrom('https://evil.example', 'null'),
    cookie: fc.oneof(fc.constantFrom('__Host-growbin-rt=x', '=;=;'), headerText),
    accept: fc.constantFrom('text/html', 'application/json', '*/*'),
    ...Object.fromEntries(
      parameters.map(({ name, schema }) => [
        name.toLowerCase(),
        fc.oneof(
          arbitraryOf(document, schema).map((value) =>
            textOf(value)
              .replace(/[^\x20-\x7e]/g, '')
              .trim(),
          ),
          fc.constantFrom('"1"', '*', 'W/"1"', '-1', '1e9', '99999999999999999999'),
          headerText,
        ),
      ]),
    ),
  }
  const all = fc.record(optional, { requiredKeys: [] })
  return fc.oneof({ weight: 1, arbitrary: fc.constant({}) }, { weight: 2, arbitrary: all })
}

type Body = { text: string | undefined; headers: Record<string, string> }

function bodyOf(document: ApiDocument, known: KnownValues, operation: Operation): fc.Arbitrary<Body> {
  const media = operation.requestBody?.content['application/json']
  const none = fc.constant<Body>({ text: undefined, headers: {} })
  const garbage = fc
    .tuple(
      fc.oneof(
        fc.constantFrom('', '{', '[]', 'null', '{"a":', '"', '\ufeff{}', longBody),
        fc.string({ unit: 'binary' }),
      ),
      fc.constantFrom('application/json', 'text/plain', 'application/json;charset=utf-16', 'multipart/form-data', ''),
    )
    .map(([text, type]): Body => ({ text, headers: type ? { 'content-type': type } : {} }))
  if (!media) return fc.oneof({ weight: 8, arbitrary: none }, { weight: 1, arbitrary: garbage })
  const valid = fc.oneof(
    ...Object.values(media.examples ?? {}).map(({ value }) => fc.constant(value)),
    arbitraryOf(document, media.schema),
    arbitraryOf(document, media.schema).chain((value) => withKnown(value, known)),
  )
  const json = (value: unknown): Body => ({
    text: JSON.stringify(value) ?? '',
    headers: { 'content-type': 'application/json' },
  })
  return fc.oneof(
    { weight: 5, arbitrary: valid.map(json) },
    { weight: 5, arbitrary: valid.chain(mutate).map(json) },
    { weight: 2, arbitrary: garbage },
    { weight: 1, arbitrary: none },
  )
}

/** The same with existing values, for the fields that have some. */
function withKnown(value: unknown, known: KnownValues): fc.Arbitrary<unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return fc.constant(value)
  const fields = Object.entries(value as Record<string, JsonSchema>).map(
    ([name, field]): [string, fc.Arbitrary<unknown>] => [
      name,
      known[name] ? fc.constantFrom(...known[name]) : fc.constant(field),
    ],
  )
  return fc.record(Object.fromEntries(fields))
}

function rarely<T>(usual: T, others: fc.Arbitrary<T>): fc.Arbitrary<T> {
  return fc.oneof({ weight: 14, arbitrary: fc.constant(usual) }, { weight: 1, arbitrary: others })
}
