import { glob, mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeAll, expect, test } from 'vitest'
import { bundleFunctions } from '../bundle/bundle-functions.ts'
import { repositoryRoot } from '../lib/repository-root.ts'
import { loadSpecs } from '../manifests/load-specs.ts'
import { buildDocument, serialize } from './build/build-document.ts'
import { compareDocument } from './compare-document.ts'
import type { ApiDocument, JsonSchema, Operation } from './document.ts'

let document: ApiDocument
let operations: { key: string; operation: Operation }[]

beforeAll(async () => {
  document = await buildDocument(repositoryRoot)
  operations = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ key: `${method.toUpperCase()} ${path}`, operation })),
  )
})

test('the committed document is the one that the functions make, byte for byte', async () => {
  expect(await compareDocument(repositoryRoot)).toBeUndefined()
  expect(serialize(await buildDocument(repositoryRoot))).toBe(serialize(document))
})

test('a missing document is reported with the command that makes it', async () => {
  const elsewhere = await mkdtemp(join(tmpdir(), 'openapi-'))
  try {
    await expect(compareDocument(elsewhere)).rejects.toThrow('package.json')
  } finally {
    await rm(elsewhere, { recursive: true })
  }
})

test('the routes of the document are the routes of the functions', async () => {
  const routes = (await loadSpecs(repositoryRoot)).flatMap(({ spec }) =>
    'routes' in spec.trigger ? spec.trigger.routes : [],
  )
  const expected = routes.map(({ method, path }) => `${method} ${path.replace(/:(\w+)/g, '{$1}')}`)
  expect(operations.map(({ key }) => key).sort()).toEqual(expected.sort())
})

test('paths, schemas and tags are in order, whatever the order of the files', () => {
  const sorted = (names: string[]) => names.toSorted((one, other) => (one < other ? -1 : 1))
  for (const names of [
    Object.keys(document.paths),
    Object.keys(document.components.schemas),
    document.tags.map(({ name }) => name),
  ]) {
    expect(names).toEqual(sorted(names))
  }
})

test('every operation asks for a bearer token or says that it is public, and its answers fit that', () => {
  for (const { key, operation } of operations) {
    const needsToken = operation.security.length > 0
    const scheme = key.includes(' /api/v1/operations/') ? { operator: [] } : { bearer: [] }
    expect({ key, security: operation.security }).toEqual({ key, security: needsToken ? [scheme] : [] })
    if (needsToken)
      expect(reasonsOf(operation, '401'), key).toEqual(expect.arrayContaining(['token_missing', 'token_invalid']))
  }
  expect(document.components.securitySchemes).toMatchObject({ bearer: { type: 'http', scheme: 'bearer' } })
})

test('every limited route tells the limit, and when to come back', () => {
  const limited = operations.filter(({ operation }) => reasonsOf(operation, '429').includes('rate_limited'))
  expect(limited.map(({ operation }) => operation.operationId)).toEqual(
    expect.arrayContaining(['openAnalysis', 'login', 'refresh']),
  )
  for (const { operation } of limited) {
    const headers = Object.keys(operation.responses['429']?.headers ?? {})
    expect(headers).toEqual(expect.arrayContaining(['RateLimit', 'RateLimit-Policy', 'Retry-After']))
  }
})

test('a request body is the schema that the handler validates with: unknown fields are refused', () => {
  const { OpenAnalysisRequest: body } = document.components.schemas
  expect(body).toMatchObject({
    type: 'object',
    additionalProperties: false,
    required: ['content_type', 'content_length'],
    properties: {
      content_length: { type: 'integer', minimum: 64, maximum: 10_485_760 },
      sha256: { pattern: '^[0-9a-f]{64}$' },
      location: { additionalProperties: false, required: ['lat', 'lng'] },
    },
  })
})

test('every reason that the code of the API gives is in the document', async () => {
  const described = new Set(
    operations.flatMap(({ operation }) =>
      Object.keys(operation.responses).flatMap((status) => reasonsOf(operation, status)),
    ),
  )
  const domains = document.tags.map(({ name }) => name.toLowerCase())
  const unknown: string[] = []
  for await (const path of glob(`functions/{_lib,${domains.join(',')}}/**/*.ts`, { cwd: repositoryRoot })) {
    if (/\.test\.ts$|openapi|\/testing\//.test(path)) continue
    const text = await readFile(join(repositoryRoot, path), 'utf8')
    for (const [, reason = ''] of text.matchAll(/new ProblemError\([^)]*?reason: '(\w+)'/g)) {
      if (!described.has(reason)) unknown.push(`${path}: ${reason}`)
    }
  }
  expect(unknown).toEqual([])
  expect(described.size).toBeGreaterThan(20)
})

test('no function carries its description: a bundle holds no word of it', async () => {
  const outDirectory = await mkdtemp(join(tmpdir(), 'bundles-'))
  try {
    const names = [...new Set(operations.map(({ operation }) => operation['x-function']))]
    for (const { name, file } of await bundleFunctions({ outDirectory, names })) {
      const text = await readFile(file, 'utf8')
      // The bundler writes the path of each file before what it took from it.
      const sources = [...text.matchAll(/^\/\/ (functions\/\S+\.ts)$/gm)].map(([, source = '']) => source)
      expect(sources).toContain(`functions/${name.replace('-', '/')}/handler.ts`)
      expect(sources.filter((source) => source.includes('openapi'))).toEqual([])
      expect(text).not.toContain('operationId')
    }
  } finally {
    await rm(outDirectory, { recursive: true })
  }
})

function reasonsOf({ responses }: Operation, status: string): string[] {
  const schema: JsonSchema | undefined = responses[status]?.content?.['application/problem+json']?.schema
  return (schema?.properties?.reason?.enum ?? []) as string[]
}
