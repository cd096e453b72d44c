import { beforeAll, expect, test } from 'vitest'
import type * as z from 'zod'
import { repositoryRoot } from '../lib/repository-root.ts'
import { buildDocument } from './build/build-document.ts'
import { loadDescriptions } from './build/load-descriptions.ts'
import { templatePath } from './build/operation.ts'
import type { ApiDocument, JsonSchema, Operation } from './document.ts'
import { createValidators, type Validators } from './validators.ts'

/** A schema that a handler checks with, and what the document says of the same value. */
type Pair = {
  name: string
  place: 'path' | 'query' | 'header' | 'body'
  code: z.ZodType
  documented: JsonSchema
  example: unknown
}

let document: ApiDocument
let validators: Validators
const pairs: Pair[] = []

beforeAll(async () => {
  document = await buildDocument(repositoryRoot)
  validators = createValidators(document)
  for (const { route, description } of (await loadDescriptions(repositoryRoot)).routes) {
    const operation = document.paths[templatePath(route.path)]?.[route.method.toLowerCase() as 'get'] as Operation
    const places = { path: description.path, query: description.query, header: description.headers }
    for (const [place, described = {}] of Object.entries(places)) {
      for (const [name, { schema: code, example }] of Object.entries(described)) {
        const parameter = operation.parameters.find((one) => 'name' in one && one.in === place && one.name === name)
        const documented = parameter && 'schema' in parameter ? parameter.schema : {}
        pairs.push({ name: `${description.operationId} ${name}`, place: place as 'path', code, documented, example })
      }
    }
    const media = operation.requestBody?.content['application/json']
    if (!description.body || !media) continue
    for (const [name, { value: example }] of Object.entries(media.examples ?? {})) {
      const { schema: code } = description.body
      pairs.push({ name: `${description.operationId} ${name}`, place: 'body', code, documented: media.schema, example })
    }
  }
})

/** Every length, number and moment at which something may end, and texts that are odd in one respect. */
const lengths = [
  0, 1, 2, 15, 16, 17, 21, 22, 23, 39, 40, 41, 43, 44, 64, 100, 101, 128, 129, 255, 256, 257, 511, 512, 513,
]
const longLengths = [2047, 2048, 2049, 8191, 8192, 8193]
const texts = [
  ...[...lengths, ...longLengths].flatMap((length) => ['a'.repeat(length), '0'.repeat(length), '😀'.repeat(length)]),
  ...[
    '\u0000',
    'a\u001fb',
    '\u007f',
    '\u0085',
    'a\tb',
    ' a',
    'a ',
    '가나다',
    'é',
    'null',
    'true',
    'false',
    '-1',
    '1e1',
    '+5',
    '05',
  ],
  ...['0', '1', '2', '9', '99', '100', '101', '999', '1000', '1001', '1.5', ' 5', '0x10'],
  ...['0000-01-01', '1969-12-31', '1970-01-01', '2026-02-29', '2999-12-31', '3000-01-01', '2026-1-1', '+2026-01-01'],
  ...[
    '1899-12-31T23:59:59Z',
    '1900-01-01T00:00:00Z',
    '2999-12-31T23:59:59Z',
    '3000-01-01T00:00:00Z',
    '2026-01-01T00:00:00',
  ],
  ...['2026-01-01T00:00:00+09:00', '2026-13-01T00:00:00Z', '2026-01-01 00:00:00Z'],
  ...[
    '00000000-0000-0000-0000-000000000000',
    '0198c5f2-7b1e-7d36-9a55-3f6b8a1f0c2d',
    '0198C5F2-7B1E-7D36-9A55-3F6B8A1F0C2D',
  ],
]
const numbers = [
  -181, -180, -180.5, -91, -90, -1, 0, 0.5, 1, 63, 64, 65, 90, 91, 99, 100, 101, 180, 181, 999, 1000, 1001,
]
const odd: unknown[] = [...texts, ...numbers, 10_485_760, 10_485_761, 1e300, null, true, false, [], ['a'], {}, { a: 1 }]

/**
 * What JSON Schema cannot say, or says otherwise for a reason. The description of the field tells it in words.
 */
const saidInWords: Record<string, (value: unknown) => boolean> = {
  // Only what another answer gave; its length is documented.
  cursor: () => true,
  // Blanks at the ends are cut off first, and marks of direction and line ends are refused.
  display_name: (value) => typeof value === 'string' && value !== value.trim(),
}

const isDocumented = ({ place, documented }: Pair, value: unknown): boolean => {
  const read =
    place !== 'body' && documented.type === 'integer' && /^(0|-?[1-9][0-9]*)$/.test(String(value))
      ? Number(value)
      : value
  return validators.problemsOf(documented, read).length === 0
}
const accepted = ({ code }: Pair, value: unknown) => code.safeParse(value).success

/** The example with one field replaced, for every field. */
function withField(example: unknown, value: unknown): [string, unknown][] {
  if (typeof example !== 'object' || example === null || Array.isArray(example)) return []
  return Object.entries(example).flatMap(([name, present]): [string, unknown][] => [
    [name, { ...example, [name]: value }],
    ...withField(present, value).map(([inner, changed]): [string, unknown] => [inner, { ...example, [name]: changed }]),
  ])
}

test('the document and the code take and refuse the same values, at every bound and beyond it', () => {
  const disagreements: string[] = []
  let compared = 0
  const compare = (pair: Pair, field: string, value: unknown, whole: unknown) => {
    compared += 1
    const [says, does] = [isDocumented(pair, whole), accepted(pair, whole)]
    if (says === does || saidInWords[field]?.(value)) return
    const shown = JSON.stringify(value)
    disagreements.push(
      `${pair.name} ${field} = ${shown.slice(0, 60)} (${shown.length}): document ${says}, code ${does}`,
    )
  }
  for (const pair of pairs) {
    const { name, place, example } = pair
    if (place !== 'body') {
      // On the wire a parameter is text.
      for (const value of texts) compare(pair, name.split(' ')[1] ?? '', value, value)
    } else {
      for (const value of odd)
        for (const [field, whole] of withField(example, value)) compare(pair, field, value, whole)
      for (const value of odd) compare(pair, '', value, value)
    }
  }
  expect(disagreements.slice(0, 30)).toEqual([])
  expect(compared).toBeGreaterThan(5000)
})

test('the examples of the document are taken by the code', () => {
  for (const pair of pairs) {
    const onWire = pair.place === 'body' ? pair.example : String(pair.example)
    expect([pair.name, accepted(pair, onWire)]).toEqual([pair.name, true])
  }
})

test('a number of a query is documented as a number with its bounds', () => {
  const limits = pairs.filter(({ name, place }) => place === 'query' && name.endsWith(' limit'))
  expect(limits.length).toBeGreaterThanOrEqual(3)
  for (const { documented } of limits) {
    expect(documented).toEqual({ type: 'integer', minimum: 1, maximum: 100, default: 20 })
  }
})
