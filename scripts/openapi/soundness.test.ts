import { expect, test } from 'vitest'
import * as z from 'zod'
import type { FunctionDescription, RouteDescription } from '../../functions/_lib/openapi/description.ts'
import { assembleDocument } from './build/build-document.ts'
import { compareRoutes, loadDescriptions } from './build/load-descriptions.ts'
import { createSchemaBook } from './build/schema-book.ts'
import type { ApiDocument } from './document.ts'
import { findUnsoundness } from './soundness.ts'

const thing = z.strictObject({ id: z.uuid().describe('Its id.') }).meta({ id: 'Thing', description: 'A thing.' })
const route: RouteDescription = {
  operationId: 'readThing',
  summary: 'Read a thing',
  description: 'Reads it.',
  path: { id: { description: 'Its id.', schema: z.uuid(), example: '0198c5f2-7b1e-7d36-9a55-3f6b8a1f0c2d' } },
  answers: {
    200: {
      description: 'The thing.',
      schema: thing,
      examples: { one: { summary: 'One', value: { id: '0198c5f2-7b1e-7d36-9a55-3f6b8a1f0c2d' } } },
    },
  },
}

const documentOf = (...routes: RouteDescription[]) => documentWith('person', routes)

const documentWith = (access: 'public' | 'person', routes: readonly RouteDescription[]): Promise<ApiDocument> =>
  assembleDocument(
    {
      domains: new Map([['demo', { name: 'Demo', description: 'Things.' }]]),
      routes: routes.map((description, index) => ({
        functionName: 'demo-things',
        domain: 'demo',
        route: { method: 'GET', path: `/things${index}/:id` },
        description: { ...description, access },
      })),
    },
    '1.2.3',
  )

const described = (key: string, description: RouteDescription) =>
  ({ routes: { [key]: description } }) as FunctionDescription

test('a sound document has no problem', async () => {
  expect(findUnsoundness(await documentOf(route))).toEqual([])
})

test.each(['^\\p{L}+$', '^(?=a)b$', '^(?<name>a)$', '^\\u{1F600}$'])(
  'a pattern that generators of other languages do not know is found: %s',
  async (pattern) => {
    const query = { word: { description: 'A word.', schema: z.string().meta({ pattern }), example: 'a' } }
    const problems = findUnsoundness(await documentOf({ ...route, query }))
    expect(problems).toContain(`the pattern "${pattern}" is not known to every generator`)
  },
)

test('who may call a route is what its function declares', async () => {
  const closed = (await documentWith('person', [route])).paths['/things0/{id}']?.get
  expect(closed?.security).toEqual([{ bearer: [] }])
  expect(closed?.responses['401']).toBeDefined()
  const open = (await documentWith('public', [route])).paths['/things0/{id}']?.get
  expect(open?.security).toEqual([])
  expect(open?.responses['401']).toBeUndefined()
})

test('a route without a description and a description without a route are both found', () => {
  const routes = [{ method: 'GET', path: '/things/:id' }] as const
  expect(compareRoutes(routes, described('GET /things', route))).toEqual([
    '"GET /things/:id" is not described',
    '"GET /things" is described, and function.ts has no such route',
  ])
  expect(compareRoutes(routes, described('GET /things/:id', route))).toEqual([])
})

test('a function without openapi.ts stops the document, and is named with all others', async () => {
  const spec = {
    name: 'demo-things',
    node: 'async',
    trigger: { routes: [{ method: 'GET', path: '/things' }] },
    scale: { min: 0, max: 1, concurrency: 0 },
    resources: { cpuMillis: 50, memoryMiB: 64 },
    timeoutSeconds: 60,
    handles: [],
    publishes: [],
    variables: {},
  } as const
  await expect(loadDescriptions('/nowhere', [{ spec, source: 'functions/demo/things/function.ts' }])).rejects.toThrow(
    /"functions\/demo\/openapi\.ts" is missing\n {2}"functions\/demo\/things\/openapi\.ts" is missing/,
  )
})

test('an example that its schema refuses is found', async () => {
  const examples = { one: { summary: 'One', value: { id: 'no id', more: 1 } } }
  const problems = findUnsoundness(
    await documentOf({ ...route, answers: { 200: { description: 'It.', schema: thing, examples } } }),
  )
  expect(problems).toEqual([
    expect.stringContaining('the example "one" of "readThing": "" must NOT have additional properties'),
    expect.stringContaining('the example "one" of "readThing": "/id" must match format "uuid"'),
  ])
})

test('a body without an example is found', async () => {
  const answers = { 200: { description: 'It.', schema: thing } }
  expect(findUnsoundness(await documentOf({ ...route, answers }))).toEqual(['a body of "readThing" has no example'])
})

test('two operations of one name are found', async () => {
  expect(findUnsoundness(await documentOf(route, route))).toEqual(['two operations are named "readThing"'])
})

test('a field without a text, and an object that takes anything, are found', async () => {
  const loose = z.looseObject({ id: z.string() }).meta({ id: 'Loose' })
  const answers = {
    200: { description: 'It.', schema: loose, examples: { one: { summary: 'One', value: { id: '' } } } },
  }
  expect(findUnsoundness(await documentOf({ ...route, answers }))).toEqual([
    '"Loose" does not refuse unknown fields',
    '"Loose/id" has no description',
  ])
})

test('a reference that leads nowhere is found', async () => {
  const document = await documentOf(route)
  delete document.components.schemas.Thing
  expect(() => findUnsoundness(document)).toThrow(/Thing/)
  const { parameters } = document.components
  delete parameters['X-Request-Id']
  document.components.schemas.Thing = { type: 'object', properties: {}, additionalProperties: true }
  expect(findUnsoundness(document)).toContain('"#/components/parameters/X-Request-Id" leads nowhere')
})

test('path parameters that are not those of the path are refused', async () => {
  await expect(documentOf({ ...route, path: {} })).rejects.toThrow('"readThing" describes the path parameters ""')
})

test('a reason that is described twice for one status is refused', async () => {
  const twice = { code: 'unauthenticated', reason: 'token_missing', when: 'Again.' } as const
  await expect(documentOf({ ...route, problems: [twice] })).rejects.toThrow('describes "token_missing" twice')
})

test('a text for a field that the handler does not know is refused', () => {
  const book = createSchemaBook()
  const schema = z.strictObject({ name: z.string() })
  expect(() => book.ofRequest('Rename', schema, { '/name': 'The name.', '/nick': 'Gone.' })).toThrow(
    '"Rename" has no field "/nick", which is described',
  )
})

test('two schemas that differ cannot have one name', () => {
  const book = createSchemaBook()
  book.ofRequest('Rename', z.strictObject({ name: z.string() }), {})
  expect(() => book.ofRequest('Rename', z.strictObject({ name: z.int() }), {})).toThrow('named "Rename"')
})

test('texts reach the fields of nested objects and of every alternative', () => {
  const book = createSchemaBook()
  const schema = z.discriminatedUnion('kind', [
    z.strictObject({ kind: z.literal('a'), place: z.strictObject({ lat: z.number() }) }),
    z.strictObject({ kind: z.literal('b') }),
  ])
  book.ofRequest('Choice', schema, { '/kind': 'Which.', '/place': 'Where.', '/place/lat': 'North.' })
  const text = JSON.stringify(book.components().Choice)
  expect(text.match(/"Which\."/g)).toHaveLength(2)
  expect(text).toContain('"North."')
})
