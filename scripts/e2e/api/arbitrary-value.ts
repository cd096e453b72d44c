import fc from 'fast-check'
import type { ApiDocument, JsonSchema } from '../../openapi/document.ts'

/** Values that a schema of the document allows. */
export function arbitraryOf(document: ApiDocument, schema: JsonSchema): fc.Arbitrary<unknown> {
  const { $ref, const: constant, enum: words, anyOf, oneOf, type } = schema
  if ($ref !== undefined) {
    return arbitraryOf(document, document.components.schemas[$ref.slice($ref.lastIndexOf('/') + 1)] ?? {})
  }
  if (constant !== undefined) return fc.constant(constant)
  if (words) return fc.constantFrom(...words)
  const choices = anyOf ?? oneOf
  if (choices) return fc.oneof(...choices.map((part) => arbitraryOf(document, part)))
  if (Array.isArray(type)) return fc.oneof(...type.map((one) => arbitraryOf(document, { ...schema, type: one })))
  switch (type) {
    case 'object':
      return objectOf(document, schema)
    case 'array':
      return fc.array(arbitraryOf(document, schema.items ?? {}), { maxLength: 3 })
    case 'string':
      return textOf(schema)
    case 'integer':
      return fc.integer({ min: numberIn(schema.minimum, -1000), max: numberIn(schema.maximum, 1_000_000) })
    case 'number':
      return fc.double({ min: numberIn(schema.minimum, -1e6), max: numberIn(schema.maximum, 1e6), noNaN: true })
    case 'boolean':
      return fc.boolean()
    case 'null':
      return fc.constant(null)
    default:
      return fc.jsonValue({ maxDepth: 2 })
  }
}

function objectOf(document: ApiDocument, { properties = {}, required = [] }: JsonSchema): fc.Arbitrary<unknown> {
  const fields = Object.fromEntries(
    Object.entries(properties).map(([name, field]) => [name, arbitraryOf(document, field)]),
  )
  return fc.record(fields, { requiredKeys: required })
}

function textOf({ format, pattern, minLength, maxLength }: JsonSchema): fc.Arbitrary<string> {
  if (format === 'uuid') return fc.uuid()
  if (format === 'uri') return fc.webUrl()
  const day = fc.date({ min: new Date('1970-01-01'), max: new Date('2999-12-31'), noInvalidDate: true })
  if (format === 'date') return day.map((date) => date.toISOString().slice(0, 10))
  if (format === 'date-time') return day.map((date) => date.toISOString())
  if (typeof pattern === 'string') return fc.stringMatching(new RegExp(pattern))
  const lengths = { minLength: numberIn(minLength, 0), maxLength: Math.min(numberIn(maxLength, 80), 300) }
  return fc.oneof(fc.string({ unit: 'grapheme', ...lengths }), fc.string({ unit: 'binary', ...lengths }))
}

const numberIn = (bound: unknown, otherwise: number) =>
  typeof bound === 'number' && Math.abs(bound) < Number.MAX_SAFE_INTEGER ? bound : otherwise

/** Values that break careless code: other types, bounds of numbers, controls, lone surrogates, depth, length. */
export const oddValue: fc.Arbitrary<unknown> = fc.oneof(
  fc.constantFrom<unknown>(null, true, false, 0, -1, 1.5, 1e308, -1e308, 2 ** 53, '', ' ', [], {}, [[]], [null]),
  fc.constantFrom(
    '\u0000',
    'a\u0000b',
    '\ud800',
    '\udfff',
    '\u202e',
    '\ufeff',
    '👩‍👩‍👧',
    'é',
    '<script>',
    "'; drop table",
    '%00',
    '../..',
  ),
  fc.string({ unit: 'binary', maxLength: 40 }),
  fc.integer(),
  fc.double(),
  fc.jsonValue({ maxDepth: 3 }),
  fc.integer({ min: 1, max: 3000 }).map((length) => 'x'.repeat(length)),
  fc.integer({ min: 1, max: 200 }).map((depth) => JSON.parse('['.repeat(depth) + ']'.repeat(depth)) as unknown),
)

const oddKey = fc.oneof(
  fc.constantFrom('__proto__', 'constructor', 'toString', '', 'a/b~c', '\u0000', '한글'),
  fc.string({ unit: 'binary', maxLength: 12 }),
)

/** A value with one change: a field replaced, removed, or added, at any depth. */
export function mutate(value: unknown): fc.Arbitrary<unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return oddValue
  const fields = value as Record<string, unknown>
  const names = Object.keys(fields)
  const added = fc.tuple(oddKey, oddValue).map(([name, odd]) => withField(fields, name, odd))
  if (names.length === 0) return fc.oneof(added, oddValue)
  const chosen = fc.constantFrom(...names)
  return fc.oneof(
    { weight: 4, arbitrary: chosen.chain((name) => mutate(fields[name]).map((odd) => withField(fields, name, odd))) },
    {
      weight: 2,
      arbitrary: chosen.map((name) => Object.fromEntries(Object.entries(fields).filter(([n]) => n !== name))),
    },
    { weight: 2, arbitrary: added },
    { weight: 1, arbitrary: oddValue },
  )
}

/** Sets `__proto__` too as a field, as `JSON.parse` does. */
function withField(fields: Record<string, unknown>, name: string, value: unknown): Record<string, unknown> {
  return Object.fromEntries([...Object.entries(fields), [name, value]])
}
