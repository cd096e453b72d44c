import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js'
import type { JsonSchema } from '../wire/model-request.ts'

/** Values to prefer, by property name. An array offers its members where the schema wants an array. */
export type PreferredValues = { [property: string]: unknown }

const DEPTH_MAX = 12

type Satisfies = (schema: JsonSchema, value: unknown) => boolean

/**
 * Fills schemas. A compiled schema serves all later requests with the same one, since compiling takes far longer than
 * filling; only the newest `schemasMax` schemas are kept.
 */
export function createSchemaFiller(schemasMax: number) {
  const prepared = new Map<string, { root: JsonSchema; satisfies: Satisfies }>()
  return (schema: JsonSchema, preferred: PreferredValues): unknown => {
    const key = JSON.stringify(schema)
    const known = prepared.get(key) ?? { root: schema, satisfies: compileLazily(schema) }
    // Set anew, so that the oldest entry is the least recently used.
    prepared.delete(key)
    prepared.set(key, known)
    const [oldest] = prepared.keys()
    if (prepared.size > schemasMax && oldest !== undefined) prepared.delete(oldest)
    return fillSchema(known.root, known.satisfies, preferred)
  }
}

/** Compiles each part of a schema once, when it is first used. */
function compileLazily(root: JsonSchema): Satisfies {
  const ajv = new Ajv2020({ strict: false, validateFormats: false, logger: false })
  const validators = new Map<JsonSchema, ValidateFunction>()
  return (schema, value) => {
    let validate = validators.get(schema)
    if (!validate) {
      // A part of a schema may point into the root's definitions.
      const { $id: _, ...rest } = {
        ...schema,
        $defs: root.$defs ?? {},
        definitions: root.definitions ?? {},
      } as JsonSchema
      validate = ajv.compile(rest)
      validators.set(schema, validate)
    }
    return validate(value) === true
  }
}

/**
 * Builds a value that satisfies a strict schema: a preferred value where the schema allows it, else the
 * simplest one that its type, enum and bounds allow.
 */
function fillSchema(root: JsonSchema, satisfies: Satisfies, preferred: PreferredValues): unknown {
  function fill(schema: JsonSchema, name: string | undefined, depth: number): unknown {
    const resolved = resolve(root, schema)
    if (name !== undefined && Object.hasOwn(preferred, name)) {
      const candidate = preferred[name]
      if (satisfies(resolved, candidate)) return candidate
      if (Array.isArray(candidate) && resolved.items) {
        const kept = candidate.filter((member) => satisfies(resolved.items as JsonSchema, member))
        if (satisfies(resolved, kept)) return kept
      }
    }
    return fillSimplest(resolved, depth)
  }

  function fillSimplest(schema: JsonSchema, depth: number): unknown {
    if ('const' in schema) return schema.const
    if (Array.isArray(schema.enum)) return schema.enum[0]
    const options = (schema.anyOf ?? schema.oneOf) as JsonSchema[] | undefined
    if (options) {
      // Deep inside a recursive schema, null or the option without further objects ends the recursion.
      const flat = options.find((option) => !option.$ref && option.type !== 'object' && option.type !== 'array')
      return fill((depth > DEPTH_MAX && flat) || (options[0] ?? {}), undefined, depth + 1)
    }
    const types = ([] as unknown[]).concat(schema.type ?? 'object')
    const type = depth > DEPTH_MAX && types.includes('null') ? 'null' : types[0]
    switch (type) {
      case 'object': {
        const properties = Object.entries((schema.properties ?? {}) as Record<string, JsonSchema>)
        return Object.fromEntries(properties.map(([key, part]) => [key, fill(part, key, depth + 1)]))
      }
      case 'array':
        return Array.from({ length: Number(schema.minItems ?? 0) }, () =>
          fill((schema.items ?? {}) as JsonSchema, undefined, depth + 1),
        )
      case 'string':
        return fillString(schema)
      case 'integer':
      case 'number':
        return fillNumber(schema)
      case 'boolean':
        return false
      default:
        return null
    }
  }

  return fill(root, undefined, 0)
}

function resolve(root: JsonSchema, schema: JsonSchema): JsonSchema {
  if (typeof schema.$ref !== 'string') return schema
  const path = schema.$ref.replace(/^#\/?/, '').split('/').filter(Boolean)
  const target = path.reduce<unknown>((node, key) => (node as JsonSchema | undefined)?.[key], root)
  return resolve(root, (target ?? {}) as JsonSchema)
}

const byFormat: Record<string, string> = {
  'date-time': '2026-01-01T00:00:00Z',
  date: '2026-01-01',
  time: '00:00:00Z',
  duration: 'PT1S',
  email: 'simulated@example.com',
  hostname: 'example.com',
  ipv4: '192.0.2.1',
  ipv6: '2001:db8::1',
  uuid: '00000000-0000-4000-8000-000000000000',
}

function fillString(schema: JsonSchema): string {
  const text = byFormat[String(schema.format)] ?? '시뮬레이션 응답'
  return text.padEnd(Number(schema.minLength ?? 0), '.').slice(0, Number(schema.maxLength ?? Number.POSITIVE_INFINITY))
}

function fillNumber(schema: JsonSchema): number {
  const step = Number(schema.multipleOf ?? (schema.type === 'integer' ? 1 : 0))
  const above = schema.exclusiveMinimum === undefined ? undefined : Number(schema.exclusiveMinimum) + (step || 1e-6)
  const low = Math.max(Number(schema.minimum ?? Number.NEGATIVE_INFINITY), above ?? Number.NEGATIVE_INFINITY)
  const high = Number(schema.maximum ?? schema.exclusiveMaximum ?? Number.POSITIVE_INFINITY)
  const start = low > 0 ? low : Math.min(0, high - (schema.exclusiveMaximum === undefined ? 0 : step || 1e-6))
  return step ? Math.ceil(Math.max(start, low) / step) * step : Math.max(start, low)
}
