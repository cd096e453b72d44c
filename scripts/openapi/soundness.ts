import type { ApiDocument, JsonSchema, MediaType, Operation } from './document.ts'
import { createValidators, type Validators } from './validators.ts'

/** Throws with everything in a document that would mislead its reader. */
export function assertSound(document: ApiDocument): void {
  const problems = findUnsoundness(document)
  if (problems.length > 0)
    throw new Error(`The document is not sound:\n${problems.map((line) => `  ${line}`).join('\n')}`)
}

export function findUnsoundness(document: ApiDocument): string[] {
  const operations = Object.values(document.paths).flatMap((methods) => Object.values(methods))
  const validators = createValidators(document)
  return [
    ...danglingReferences(document),
    ...unportablePatterns(document),
    ...repeated(operations.map(({ operationId }) => operationId)).map((id) => `two operations are named "${id}"`),
    ...Object.entries(document.components.schemas).flatMap(([name, schema]) => schemaProblems(name, schema)),
    ...operations.flatMap((operation) => operationProblems(operation, validators)),
  ]
}

function danglingReferences(document: ApiDocument): string[] {
  const found = new Set(JSON.stringify(document).match(/"#\/components\/[^"]+"/g) ?? [])
  return [...found].flatMap((quoted) => {
    const [, , group = '', name = ''] = quoted.slice(1, -1).split('/')
    const members: Record<string, object> = document.components[group as keyof ApiDocument['components']] ?? {}
    return name in members ? [] : [`${quoted} leads nowhere`]
  })
}

/** What JavaScript knows and the engines of other languages do not: property classes, looking around, code points in braces. */
function unportablePatterns(document: ApiDocument): string[] {
  const found: string[] = []
  JSON.stringify(document, (key, value) => {
    if (key === 'pattern' && typeof value === 'string' && /\\[pPuk]|\(\?[^:]/.test(value)) found.push(value)
    return value
  })
  return [...new Set(found)].map((pattern) => `the pattern "${pattern}" is not known to every generator`)
}

/** Fields without a text, and objects that let unknown fields through. */
function schemaProblems(at: string, schema: JsonSchema): string[] {
  const open = schema.properties && schema.additionalProperties !== false
  return [
    ...(open ? [`"${at}" does not refuse unknown fields`] : []),
    ...Object.entries(schema.properties ?? {}).flatMap(([name, field]) => [
      ...(field.description ? [] : [`"${at}/${name}" has no description`]),
      ...schemaProblems(`${at}/${name}`, field),
    ]),
    ...(schema.items ? schemaProblems(`${at}/items`, schema.items) : []),
    ...[schema.anyOf, schema.oneOf, schema.allOf].flatMap((parts) =>
      (parts ?? []).flatMap((part, index) => schemaProblems(`${at}/${index}`, part)),
    ),
  ]
}

function operationProblems(operation: Operation, validators: Validators): string[] {
  const media = [
    ...Object.values(operation.requestBody?.content ?? {}),
    ...Object.values(operation.responses).flatMap(({ content }) => Object.values(content ?? {})),
  ]
  const texts = [
    operation.summary,
    operation.description,
    ...Object.values(operation.responses).map((r) => r.description),
  ]
  return [
    ...(texts.some((text) => text.trim() === '') ? [`"${operation.operationId}" has an empty text`] : []),
    ...media.flatMap((one) => exampleProblems(operation.operationId, one, validators)),
    ...operation.parameters.flatMap((parameter) => {
      if ('$ref' in parameter) return []
      return validators
        .problemsOf(parameter.schema, parameter.example)
        .map((problem) => `the example of "${parameter.name}" of "${operation.operationId}": ${problem}`)
    }),
  ]
}

function exampleProblems(operationId: string, media: MediaType, validators: Validators): string[] {
  const examples = Object.entries(media.examples ?? {})
  if (examples.length === 0 && media.example === undefined) return [`a body of "${operationId}" has no example`]
  return examples.flatMap(([name, { value }]) =>
    validators
      .problemsOf(media.schema, value)
      .map((problem) => `the example "${name}" of "${operationId}": ${problem}`),
  )
}

function repeated(names: readonly string[]): string[] {
  return [...new Set(names.filter((name, index) => names.indexOf(name) !== index))]
}
