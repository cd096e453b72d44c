import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Person } from '../access/access-token.ts'
import { createUuidV7 } from '../http/uuid.ts'
import type { HttpMethod } from '../process/function-spec.ts'
import type { StartFunction } from '../process/serve.ts'
import { expectProblem, expectSafeHeaders } from './expect-problem.ts'
import {
  hasServer,
  importSpec,
  type RunningFunction,
  runFunction,
  spawnFunction,
  withoutServer,
} from './run-function.ts'
import {
  createTestKeys,
  signTestOperatorToken,
  signTestToken,
  type TestKeys,
  type TestTokenOptions,
} from './test-keys.ts'

/** A request that the function answers with success, from which the suite makes those that it must refuse. */
export type RequestExample = {
  method: HttpMethod
  /** A route of the function as its specification writes it: `/api/v1/waste/status/:job_id`. */
  path: `/${string}`
  /** The smallest complete body. */
  body?: Record<string, unknown>
  /** Starts with "?". */
  query?: string
  headers?: Record<string, string>
  /**
   * Makes what the request needs for a person, who is another each time, and gives the path parameters. The same request
   * of another person must then be answered as if it were missing, unless `shared`.
   */
  arrange?: (person: Person) => Promise<{ parameters?: Record<string, string>; body?: Record<string, unknown> }>
  /** Answers without a token. */
  public?: boolean
  /** Requires an operator token. Every operator may see what `arrange` makes. */
  operator?: boolean
  /** Any person may see what `arrange` makes. */
  shared?: boolean
  /** The status; any 2xx by default. */
  status?: number
  /** The status while PostgreSQL is unavailable; 503 by default, below 300 if it is not needed. */
  statusWithoutDatabase?: number
  /** The status while Redis is unavailable; the same as otherwise by default. */
  statusWithoutRedis?: number
}

export type HttpSuiteOptions = {
  /** Name of the function, `<domain>-<operation>`. */
  name: string
  start: StartFunction
  /** Called once. Variables with the addresses of real parts; the keys of tokens are set by the suite. */
  environment: () => Promise<Record<string, string>>
  /** One for each route at least. */
  requests: readonly RequestExample[]
}

const bodyBytesMax = 65_536
const canary = 'canary-4f1d7c'

/** Tests that every HTTP function must pass: tokens, bodies, other people's things, outages, languages, headers, logs. */
export function describeHttpFunction(options: HttpSuiteOptions): void {
  const { name, requests } = options

  describe(`${name} as an HTTP function`, () => {
    let keys: TestKeys
    let operatorKeys: TestKeys
    let environment: Record<string, string>
    let running: RunningFunction

    beforeAll(async () => {
      keys = await createTestKeys()
      operatorKeys = await createTestKeys('test-operator-key')
      environment = {
        ...(await options.environment()),
        AUTH_PUBLIC_KEYS: JSON.stringify(keys.publicKeys),
        AUTH_SIGNING_KEY: JSON.stringify(keys.signingJwk),
        OPERATOR_PUBLIC_KEYS: JSON.stringify(operatorKeys.publicKeys),
      }
      running = await runFunction(options.start, environment)
    })
    afterAll(async () => {
      await running?.close()
    })

    const newPerson = (): Person => ({ userId: createUuidV7(), sessionId: createUuidV7() })
    /** Who signs tokens of the kind that the example asks for, and how. */
    const signerOf = ({ operator }: RequestExample): Signer =>
      operator
        ? { keys: operatorKeys, sign: signTestOperatorToken, other: (person) => signTestToken(keys, person) }
        : { keys, sign: signTestToken, other: () => signTestOperatorToken(operatorKeys) }

    /** The example as a request of `person`, ready to be changed. */
    async function prepare(example: RequestExample, person = newPerson()) {
      const arranged = await example.arrange?.(person)
      const body = arranged?.body ?? example.body
      const headers: Record<string, string> = {
        ...(body && { 'content-type': 'application/json' }),
        ...example.headers,
        ...(example.public ? {} : await authorizationOf(signerOf(example), person)),
      }
      return { path: fill(example.path, arranged?.parameters) + (example.query ?? ''), headers, body, person }
    }

    const send = (
      example: RequestExample,
      request: { path: string; headers: Record<string, string>; body?: unknown },
      base = running.url,
    ) =>
      fetch(base + request.path, {
        method: example.method,
        headers: request.headers,
        redirect: 'manual',
        ...(request.body !== undefined && {
          body: typeof request.body === 'string' ? request.body : JSON.stringify(request.body),
        }),
        signal: AbortSignal.timeout(15_000),
      })

    test('every route has an example, and every example is of a route', async () => {
      const { trigger } = await importSpec(name)
      const routes = 'routes' in trigger ? trigger.routes : []
      const described = (items: readonly { method: string; path: string }[]) =>
        [...new Set(items.map(({ method, path }) => `${method} ${path}`))].sort()
      expect(described(requests)).toEqual(described(routes))
    })

    for (const example of requests) {
      describe(`${example.method} ${example.path}`, () => {
        const hasBody = example.body !== undefined

        test('answers the example, echoes the request id and sends safe headers', async () => {
          const request = await prepare(example)
          const requestId = `test-${randomUUID()}`
          const response = await send(example, {
            ...request,
            headers: { ...request.headers, 'x-request-id': requestId },
          })
          await expectStatus(response, example.status)
          expect(response.headers.get('x-request-id')).toBe(requestId)
          expectSafeHeaders(response)
        })

        if (!example.public) {
          test('refuses a request without a token', async () => {
            const { authorization: _, ...headers } = (await prepare(example)).headers
            const request = await prepare(example)
            const response = await send(example, { ...request, headers })
            const problem = await expectProblem(response, 401)
            expect(problem.reason).toBe('token_missing')
            expect(response.headers.get('www-authenticate')).toBe('Bearer')
          })

          test.each(refusedTokens)('refuses a token that is %s', async (_, makeToken) => {
            const request = await prepare(example)
            const token = await makeToken(signerOf(example), request.person)
            const response = await send(example, {
              ...request,
              headers: { ...request.headers, authorization: `Bearer ${token}` },
            })
            const problem = await expectProblem(response, 401)
            expect(problem.reason).toBe('token_invalid')
            expect(response.headers.get('www-authenticate')).toBe('Bearer error="invalid_token"')
          })

          test('refuses a token in another place than the header', async () => {
            const request = await prepare(example)
            const { authorization: bearer = '', ...headers } = request.headers
            const token = bearer.slice('Bearer '.length)
            const path = `${request.path}${request.path.includes('?') ? '&' : '?'}access_token=${token}`
            await expectProblem(
              await send(example, { ...request, path, headers: { ...headers, cookie: `access_token=${token}` } }),
              401,
            )
          })
        }

        if (hasBody) {
          test('refuses what is not JSON', async () => {
            const request = await prepare(example)
            const problem = await expectProblem(await send(example, { ...request, body: '{"a":' }), 400)
            expect(problem.errors).toEqual([{ pointer: '', detail: expect.any(String) }])
          })

          test.each(['text/plain', 'application/x-www-form-urlencoded', 'application/json-patch+json'])(
            'refuses a body of type %s',
            async (mediaType) => {
              const request = await prepare(example)
              const headers = { ...request.headers, 'content-type': mediaType }
              await expectProblem(await send(example, { ...request, headers }), 415)
            },
          )

          test('refuses an unknown field and points at it', async () => {
            const request = await prepare(example)
            const body = { ...request.body, 'unknown/field~': canary }
            const problem = await expectProblem(await send(example, { ...request, body }), 400)
            expect(problem.errors).toContainEqual({ pointer: '/unknown~1field~0', detail: expect.any(String) })
            expect(JSON.stringify(problem)).not.toContain(canary)
          })

          test.each([null, [], 'text', 7])('refuses %j in place of an object', async (body) => {
            const request = await prepare(example)
            await expectProblem(await send(example, { ...request, body: JSON.stringify(body) }), 400)
          })
        }

        if (example.method !== 'GET') {
          test('refuses a body over 64 KiB, announced or not', async () => {
            const request = await prepare(example)
            const body = JSON.stringify({ ...request.body, filling: 'x'.repeat(bodyBytesMax) })
            const headers = { ...request.headers, 'content-type': 'application/json' }
            await expectProblem(await send(example, { ...request, headers, body }), 413)
            const chunked = await fetch(running.url + request.path, {
              method: example.method,
              headers,
              body: new Blob([body]).stream(),
              duplex: 'half',
            } as RequestInit)
            await expectProblem(chunked, 413)
          })
        }

        if (example.path.includes('/:')) {
          test('answers a malformed id exactly as an unknown one', async () => {
            const { path: _, ...request } = await prepare(example)
            const [unknown, ...malformed] = await Promise.all(
              [randomUUID(), 'not-an-id', '%00', `${randomUUID()}x`, "'%20or%201=1--"].map(async (id) =>
                answerOf(await send(example, { ...request, path: replaceParameters(example.path, id) })),
              ),
            )
            expect(unknown?.status).toBe(404)
            for (const answer of malformed) expect(answer).toEqual(unknown)
          })
        }

        if (example.path.includes('/:') && example.arrange && !example.public && !example.operator && !example.shared) {
          test("answers a request for another person's thing as if it were missing", async () => {
            const owned = await prepare(example)
            const stranger = await prepare(example)
            const foreign = await answerOf(await send(example, { ...stranger, path: owned.path }))
            const missing = await answerOf(
              await send(example, { ...stranger, path: replaceParameters(example.path, createUuidV7()) }),
            )
            expect(foreign).toEqual(missing)
            expect(foreign.status).toBe(404)
            await expectStatus(await send(example, owned), example.status)
          })
        }

        test('answers only "try again" while PostgreSQL is unavailable', async () => {
          if (!hasServer(environment, 'postgres')) return
          const request = await prepare(example)
          const degraded = await runFunction(options.start, withoutServer(environment, 'postgres'))
          try {
            const response = await send(example, request, degraded.url)
            const expected = example.statusWithoutDatabase ?? 503
            if (expected !== 503) return await expectStatus(response, expected)
            const problem = await expectProblem(response, 503)
            expect(Number(response.headers.get('retry-after'))).toBeGreaterThanOrEqual(1)
            expect(JSON.stringify(problem)).not.toMatch(/ECONN|127\.0\.0\.1|postgres|growbin_|sql|stack/i)
          } finally {
            await degraded.close()
          }
        })

        test('answers while Redis is unavailable', async () => {
          if (!hasServer(environment, 'redis')) return
          const request = await prepare(example)
          const degraded = await runFunction(options.start, withoutServer(environment, 'redis'))
          try {
            const response = await send(example, request, degraded.url)
            await expectStatus(response, example.statusWithoutRedis ?? example.status)
          } finally {
            await degraded.close()
          }
        })
      })
    }

    test('answers an unknown path with a problem in the language of the caller', async () => {
      const ask = (language: string) =>
        fetch(`${running.url}/no/such/path`, { headers: { 'accept-language': language } })
      const [korean, english] = await Promise.all([ask('ko-KR,ko;q=0.9'), ask('en-GB,en;q=0.8,ko;q=0.1')])
      expect(korean.headers.get('content-language')).toBe('ko')
      expect(english.headers.get('content-language')).toBe('en')
      expect((await expectProblem(korean, 404)).detail).toMatch(/[가-힣]/)
      expect((await expectProblem(english, 404)).detail).toMatch(/^[\x20-\x7e]+$/)
    })

    test.each(['/healthz', '/readyz', '/metrics'])('answers %s without a token', async (path) => {
      const response = await fetch(running.url + path)
      expect({ path, status: response.status }).toEqual({ path, status: 200 })
      await response.body?.cancel()
    })

    test('makes a request id of its own when the caller sends none or a strange one', async () => {
      for (const given of [undefined, 'x', 'with blank and "quote"', 'x'.repeat(65)]) {
        const response = await fetch(`${running.url}/no/such/path`, given ? { headers: { 'x-request-id': given } } : {})
        const problem = await expectProblem(response, 404)
        expect(response.headers.get('x-request-id')).toMatch(/^[0-9a-f-]{36}$/)
        expect(problem.request_id).toBe(response.headers.get('x-request-id'))
      }
    })

    test.each(['well', 'without PostgreSQL'])(
      'writes no secret into the log of a process that runs %s',
      async (state) => {
        const secrets: string[] = []
        const spawned = await spawnFunction(
          name,
          state === 'well' ? environment : withoutServer(environment, 'postgres'),
        )
        let sent = 0
        try {
          for (const example of requests) {
            const request = await prepare(example)
            const token = request.headers.authorization?.slice('Bearer '.length)
            if (token) secrets.push(token, token.slice(token.lastIndexOf('.') + 1))
            const forged = { ...request.headers, authorization: `Bearer ${canary}.${canary}.${canary}` }
            const body = example.body && { ...request.body, unknown: canary }
            for (const changed of [request, { ...request, headers: forged }, { ...request, body }]) {
              await (await send(example, changed, spawned.url)).body?.cancel()
              sent += 1
            }
          }
        } finally {
          expect(await spawned.stop()).toBe(0)
        }
        const passwords = Object.values(environment).flatMap(
          (value) => /^\w+:\/\/[^:@/]*:([^@/]+)@/.exec(value)?.[1] ?? [],
        )
        const log = spawned.lines.join('\n')
        for (const secret of [...secrets, ...passwords, canary]) expect(log).not.toContain(secret)
        const described = spawned.lines.map((line) => JSON.parse(line) as Record<string, unknown>)
        const answered = described.filter(({ message }) => message === 'request')
        expect(answered).toHaveLength(sent)
        for (const line of answered) {
          expect(line).toMatchObject({ service: name, trace_id: expect.stringMatching(/^[0-9a-f]{32}$/) })
        }
      },
    )
  })
}

async function expectStatus(response: Response, status: number | undefined): Promise<void> {
  const seen = { status: response.status, body: response.status >= 400 ? await response.text() : '' }
  if (status === undefined) expect(seen, 'any 2xx').toEqual({ status: expect.toSatisfy(is2xx), body: '' })
  else expect(seen).toMatchObject({ status })
  if (response.status < 400) await response.body?.cancel()
}

const is2xx = (status: unknown) => typeof status === 'number' && status >= 200 && status < 300

/** All of an answer that a caller could learn from; the request id differs always. */
async function answerOf(response: Response) {
  const { request_id: _, ...problem } = (await response.json()) as Record<string, unknown>
  const headers = Object.fromEntries(response.headers)
  for (const name of ['date', 'x-request-id', 'ratelimit', 'content-length']) delete headers[name]
  return { status: response.status, headers, problem }
}

function fill(path: string, parameters: Record<string, string> = {}): string {
  return path.replace(/:([a-z_]+)/g, (_, name: string) => {
    const value = parameters[name]
    if (value === undefined) throw new Error(`"arrange" of "${path}" gives no "${name}"`)
    return encodeURIComponent(value)
  })
}

const replaceParameters = (path: string, value: string) => path.replace(/:[a-z_]+/g, value)

const hoursAgo = (hours: number) => new Date(Date.now() - hours * 3_600_000)

type Signer = {
  keys: TestKeys
  sign: (keys: TestKeys, options?: TestTokenOptions) => Promise<string>
  /** A valid token of the other kind. */
  other: (person: Person) => Promise<string>
}

const authorizationOf = async ({ keys, sign }: Signer, person: Person) => ({
  authorization: `Bearer ${await sign(keys, person)}`,
})

const refusedTokens: [string, (signer: Signer, person: Person) => Promise<string>][] = [
  ['not a token', async () => `${canary}.${canary}.${canary}`],
  ['signed by another key', async ({ sign }, person) => sign(await createTestKeys(), person)],
  ['expired', ({ keys, sign }, person) => sign(keys, { ...person, now: hoursAgo(2) })],
  ['for another audience', ({ keys, sign }, person) => sign(keys, { ...person, claims: { aud: 'another' } })],
  ['of another issuer', ({ keys, sign }, person) => sign(keys, { ...person, claims: { iss: 'https://another' } })],
  ['an ID token', ({ keys, sign }, person) => sign(keys, { ...person, header: { typ: 'JWT' } })],
  ['of a person for operators, or the other way round', ({ other }, person) => other(person)],
  [
    'changed after signing',
    async ({ keys, sign }, person) => {
      const [header, , signature] = (await sign(keys, person)).split('.')
      const [, payload] = (await sign(keys)).split('.')
      return `${header}.${payload}.${signature}`
    },
  ],
]
