import * as z from 'zod'
import type { JsonSchema } from '../document.ts'

/** Turns zod schemas into JSON schemas, and collects the named ones for `components.schemas`. */
export type SchemaBook = {
  /** As a request is written: what has a default may be left out. `fields` adds what each field means. */
  ofRequest: (name: string, schema: z.ZodType, fields: Readonly<Record<string, string>>) => JsonSchema
  /** As an answer or a parameter is read. */
  ofOutput: (schema: z.ZodType) => JsonSchema
  ofParameter: (schema: z.ZodType) => JsonSchema
  components: () => Record<string, JsonSchema>
}

const prefix = '#/components/schemas/'

export function createSchemaBook(): SchemaBook {
  const components = new Map<string, JsonSchema>()
  const add = (name: string, schema: JsonSchema): JsonSchema => {
    const known = components.get(name)
    if (known && JSON.stringify(known) !== JSON.stringify(schema)) {
      throw new Error(`Two different schemas are named "${name}"`)
    }
    components.set(name, schema)
    return { $ref: prefix + name }
  }
  const convert = (schema: z.ZodType, io: 'input' | 'output'): JsonSchema => {
    const { $schema: _, $defs = {}, ...converted } = z.toJSONSchema(schema, { io }) as JsonSchema
    for (const [name, part] of Object.entries($defs as Record<string, JsonSchema>)) add(name, tidy(part))
    return tidy(converted)
  }
  return {
    ofRequest: (name, schema, fields) => {
      const converted = convert(schema, 'input')
      for (const [pointer, text] of Object.entries(fields)) {
        const found = findFields(converted, pointer)
        if (found.length === 0) throw new Error(`"${name}" has no field "${pointer}", which is described`)
        for (const field of found) field.description = text
      }
      return add(name, converted)
    },
    ofOutput: (schema) => convert(schema, 'output'),
    ofParameter: (schema) => convert(schema, 'input'),
    components: () => Object.fromEntries([...components].sort(([one], [other]) => (one < other ? -1 : 1))),
  }
}

/** What zod writes beside a format, and what no reader needs. */
const repeatedPatterns = new Set(
  [z.uuid(), z.iso.date(), z.iso.datetime(), z.iso.datetime({ offset: true })].map(
    (schema) => (z.toJSONSchema(schema) as JsonSchema).pattern,
  ),
)

/** Without the patterns that only repeat a format, and with references to components. */
function tidy(schema: JsonSchema): JsonSchema {
  return JSON.parse(JSON.stringify(schema), (key, value) => {
    if (key === '$ref' && typeof value === 'string') return value.replace('#/$defs/', prefix)
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return value
    const { pattern, ...others } = value
    if (typeof pattern === 'string' && repeatedPatterns.has(pattern)) return others
    // Several patterns of one text come as a conjunction, of which the repeated ones are empty by now.
    const { allOf, ...rest } = value
    if (!Array.isArray(allOf) || allOf.every((part) => Object.keys(part).length > 0)) return value
    const [own, ...more] = allOf.filter((part) => Object.keys(part).length > 0)
    return more.length === 0 ? { ...rest, ...own } : { ...rest, allOf: [own, ...more] }
  })
}

/** The fields at a pointer through objects; an alternative counts as the object itself. */
function findFields(schema: JsonSchema, pointer: string): JsonSchema[] {
  let found = [schema]
  for (const name of pointer.split('/').slice(1)) {
    found = found.flatMap(alternatives).flatMap(({ properties }) => (properties?.[name] ? [properties[name]] : []))
  }
  return found
}

function alternatives(schema: JsonSchema): JsonSchema[] {
  const parts = [schema.anyOf, schema.oneOf, schema.allOf].flatMap((list) => list ?? [])
  return [schema, ...parts.flatMap(alternatives)]
}
