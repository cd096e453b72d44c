import type { HttpSpec } from '../../manifests/trigger-kind.ts'
import { parametersOf, wordsOf } from '../words.ts'
import { type Files, functionFile } from './shared.ts'

/** A function that answers signed-in people. */
export function httpFiles(spec: HttpSpec): Files {
  const { name, domain, operation, login, camel, pascal } = wordsOf(spec.name)
  const [{ method, path }] = spec.trigger.routes as [HttpSpec['trigger']['routes'][number]]
  const folder = `functions/${domain}/${operation}`
  const parameters = parametersOf(path)
  const hasParameters = parameters.length > 0
  const person = '0198c5f1-03aa-7c11-8a0e-5d1c2b7e9f40'
  const result = hasParameters ? `${pascal}Result | undefined` : `${pascal}Result`
  const input = (id: string) => `{ userId: 'user-1'${parameters.map(({ camel }) => `, ${camel}: ${id}`).join('')} }`
  const arrange = hasParameters
    ? `arrange: async ({ userId }) => ({ parameters: { ${parameters.map(({ name }) => `${name}: userId`).join(', ')} } })`
    : ''
  const examplePath = path.replaceAll(/:\w+/g, person)
  return {
    [`${folder}/function.ts`]: functionFile(spec, {
      imports: "import { accessTokens, database } from '../../_lib/variables/groups.ts'\n",
      groups: '...accessTokens()',
    }),
    [`${folder}/${operation}.ts`]: `export type ${pascal}Deps = { now: () => Date }

export type ${pascal}Input = { userId: string${parameters.map(({ camel }) => `; ${camel}: string`).join('')} }

export type ${pascal}Result = { userId: string; at: Date }

${hasParameters ? '/** Resolves to undefined for what does not exist, or belongs to another person. */' : ''}
export async function ${camel}(deps: ${pascal}Deps, input: ${pascal}Input): Promise<${result}> {
  ${
    hasParameters
      ? `// Until there is something to find, what a person has is the id of that person.
  if (${parameters.map(({ camel }) => `input.${camel} !== input.userId`).join(' || ')}) return undefined`
      : ''
  }
  return { userId: input.userId, at: deps.now() }
}
`,
    [`${folder}/handler.ts`]: `import type { VerifyAccessToken } from '../../_lib/access/access-token.ts'
import { createApiApp } from '../../_lib/http/api-app.ts'
${hasParameters ? "import { notFound } from '../../_lib/http/errors.ts'\n" : ''}import type { HttpApp, HttpAppOptions } from '../../_lib/http/http-app.ts'
import spec from './function.ts'
import type { ${pascal}Input, ${pascal}Result } from './${operation}.ts'

export type HandlerOptions = HttpAppOptions & {
  verifyAccessToken: VerifyAccessToken
  ${camel}: (input: ${pascal}Input) => Promise<${result}>
}

export function createHandler(options: HandlerOptions): HttpApp {
  const app = createApiApp({ ...options, routes: spec.trigger.routes })
  app.on('${method}', '${path}', async (c) => {
    const result = await options.${camel}({ userId: c.var.person.userId${parameters.map(({ name, camel }) => `, ${camel}: c.req.param('${name}')`).join('')} })
    ${hasParameters ? 'if (!result) throw notFound()' : ''}
    return c.json({ user_id: result.userId, at: result.at.toISOString() })
  })
  return app
}
`,
    [`${folder}/main.ts`]: `import { revocationViews } from '../../_contracts/auth-views.v1.ts'
import { apiAppParts } from '../../_lib/access/api-app-parts.ts'
import { composeFunction } from '../../_lib/process/compose-function.ts'
import { connectDatabase } from '../../_lib/stores/connect-database.pg.ts'
import spec from './function.ts'
import { createHandler } from './handler.ts'
import { ${camel} } from './${operation}.ts'

export const start = composeFunction(import.meta, spec, (fn) => {
  const database = connectDatabase(fn)
  return createHandler({
    ...apiAppParts(fn, database, revocationViews),
    ${camel}: (input) => ${camel}({ now: () => new Date() }, input),
  })
})
`,
    [`${folder}/${operation}.test.ts`]: `import { expect, test } from 'vitest'
import { ${camel} } from './${operation}.ts'

test('the answer carries the person and the time', async () => {
  const at = new Date('2026-01-02T03:04:05Z')
  expect(await ${camel}({ now: () => at }, ${input("'user-1'")})).toEqual({ userId: 'user-1', at })
})
${
  hasParameters
    ? `
test("what is another person's is not found", async () => {
  expect(await ${camel}({ now: () => new Date() }, ${input("'user-2'")})).toBeUndefined()
})
`
    : ''
}`,
    [`${folder}/http.test.ts`]: `import { afterAll } from 'vitest'
import { startTestParts, type TestParts } from '../../../scripts/local/testing/test-parts.ts'
import { describeHttpFunction } from '../../_lib/testing/http-suite.ts'
import { start } from './main.ts'

let parts: TestParts | undefined
afterAll(() => parts?.close())

describeHttpFunction({
  name: '${name}',
  start,
  environment: async () => {
    parts = await startTestParts()
    return parts.environmentOf('${login}')
  },
  requests: [{ method: '${method}', path: '${path}', status: 200, ${arrange} }],
})
`,
    [`${folder}/handler.test.ts`]: `import { expect, test } from 'vitest'
import { createLogger } from '../../_lib/process/log.ts'
import { createMetrics } from '../../_lib/process/metrics.ts'
import { createHandler } from './handler.ts'

const app = createHandler({
  log: createLogger({ service: 'test', level: 'fatal' }),
  metrics: createMetrics('test'),
  verifyAccessToken: async (token) => (token === 'valid' ? { userId: 'user-1', sessionId: 'session-1' } : undefined),
  ${camel}: async ({ userId }) => ({ userId, at: new Date('2026-01-02T03:04:05Z') }),
})
const send = (headers: Record<string, string>) => app.request('${examplePath}', { method: '${method}', headers })

test('a signed-in person is answered', async () => {
  const response = await send({ authorization: 'Bearer valid' })
  expect(response.status).toBe(200)
  expect(await response.json()).toEqual({ user_id: 'user-1', at: '2026-01-02T03:04:05.000Z' })
})

test('anyone else is refused, by the specification and not by the handler', async () => {
  expect((await send({})).status).toBe(401)
  expect((await send({ authorization: 'Bearer other' })).status).toBe(401)
})
`,
  }
}
