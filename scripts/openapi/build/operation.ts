import type {
  AnswerDescription,
  Example,
  ParameterDescription,
  RouteDescription,
} from '../../../functions/_lib/openapi/description.ts'
import type { Access } from '../../../functions/_lib/process/function-spec.ts'
import type { HeaderObject, JsonSchema, Operation, ParameterObject, Reference, ResponseObject } from '../document.ts'
import type { AccessibleRoute, DescribedRoute } from './load-descriptions.ts'
import { describeProblems } from './problem-responses.ts'
import type { SchemaBook } from './schema-book.ts'
import { sharedProblems } from './shared-problems.ts'

/** `/jobs/:job_id` as OpenAPI writes it: `/jobs/{job_id}`. */
export const templatePath = (path: string) => path.replace(/:(\w+)/g, '{$1}')

const securityOf: Record<Access, Record<string, string[]>[]> = {
  public: [],
  person: [{ bearer: [] }],
  operator: [{ operator: [] }],
}

/** One route as an operation of the document. Throws when its parameters are not those of its path. */
export async function describeOperation(
  { route, functionName, description }: DescribedRoute,
  tag: string,
  book: SchemaBook,
): Promise<Operation> {
  assertPathParameters(route.path, description)
  const problems = [...(description.problems ?? []), ...sharedProblems(route.method, description)]
  const answers = Object.entries(description.answers).map(([status, answer]) => [
    status,
    describeAnswer(answer, description, book),
  ])
  const { body } = description
  return {
    operationId: description.operationId,
    tags: [tag],
    summary: description.summary,
    description: description.description,
    'x-function': functionName,
    security: securityOf[description.access],
    parameters: [
      ...parametersIn('path', description.path, book),
      ...parametersIn('query', description.query, book),
      ...parametersIn('header', description.headers, book),
      { $ref: '#/components/parameters/Accept-Language' },
      { $ref: '#/components/parameters/X-Request-Id' },
    ],
    ...(body && {
      requestBody: {
        required: body.required !== false,
        content: {
          'application/json': {
            schema: book.ofRequest(body.name, body.schema, body.fields),
            examples: copyExamples(body.examples),
          },
        },
      },
    }),
    responses: { ...Object.fromEntries(answers), ...(await describeProblems(problems, description)) },
  }
}

function assertPathParameters(path: string, { path: described = {}, operationId }: RouteDescription): void {
  const inPath = [...path.matchAll(/:(\w+)/g)].map(([, name]) => name ?? '')
  const names = Object.keys(described)
  if (inPath.toSorted().join() === names.toSorted().join()) return
  throw new Error(`"${operationId}" describes the path parameters "${names}"; expected "${inPath}" as in "${path}"`)
}

function parametersIn(
  place: ParameterObject['in'],
  described: Readonly<Record<string, ParameterDescription>> | undefined,
  book: SchemaBook,
): ParameterObject[] {
  return Object.entries(described ?? {}).map(([name, { description, schema, required, example }]) => ({
    name,
    in: place,
    description,
    required: place === 'path' || required === true,
    schema: book.ofParameter(schema),
    example,
  }))
}

function describeAnswer(answer: AnswerDescription, route: AccessibleRoute, book: SchemaBook): ResponseObject {
  const limits = route.limitedBy ? ['RateLimit', 'RateLimit-Policy'] : []
  const headers: Record<string, HeaderObject | Reference> = {}
  for (const name of ['X-Request-Id', ...limits]) headers[name] = { $ref: `#/components/headers/${name}` }
  for (const [name, { description, schema, example, required = false }] of Object.entries(answer.headers ?? {})) {
    headers[name] = { description, required, schema: book.ofOutput(schema), example }
  }
  return { description: answer.description, headers, ...contentOf(answer, book) }
}

function contentOf(
  { schema, stream, examples = {} }: AnswerDescription,
  book: SchemaBook,
): Pick<ResponseObject, 'content'> {
  if (stream) {
    const text: JsonSchema = { type: 'string', description: 'Server-sent events (HTML standard, 9.2).' }
    const media = { schema: text, example: stream.example, 'x-event-data': book.ofOutput(stream.schema) }
    return { content: { 'text/event-stream': media } }
  }
  if (!schema) return {}
  return { content: { 'application/json': { schema: book.ofOutput(schema), examples: copyExamples(examples) } } }
}

const copyExamples = (examples: Readonly<Record<string, Example>>) => ({ ...examples })
