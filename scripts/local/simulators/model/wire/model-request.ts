import * as z from 'zod'
import { invalidRequest } from './openai-errors.ts'
import { reasoningTokens } from './reasoning.ts'

export type JsonSchema = { [key: string]: unknown }
export type RequestImage = { url: string; detail: string }

/** A request of either endpoint, in one shape. */
export type ModelRequest = {
  model: string
  messages: { role: string; text: string }[]
  images: RequestImage[]
  /** Present when the answer must be JSON of this schema. */
  schema?: JsonSchema
  outputTokensMax: number
  /** As requested. */
  effort: string | null
  /** Spent before the answer, and part of `outputTokensMax`. */
  reasoningTokens: number
  stream: boolean
  includeUsage: boolean
}

const text = z.looseObject({ type: z.enum(['input_text', 'output_text', 'text']), text: z.string() })
const inputImage = z.looseObject({
  type: z.literal('input_image'),
  image_url: z.string(),
  detail: z.string().nullish(),
})
const chatImage = z.looseObject({
  type: z.literal('image_url'),
  image_url: z.looseObject({ url: z.string(), detail: z.string().nullish() }),
})
const message = z.looseObject({
  role: z.enum(['system', 'developer', 'user', 'assistant']),
  content: z.union([z.string(), z.array(z.discriminatedUnion('type', [text, inputImage, chatImage]))]),
})
const schemaFormat = z.looseObject({
  name: z.string(),
  schema: z.record(z.string(), z.unknown()),
  strict: z.boolean().nullish(),
})
const tokensMax = z.int().min(16).nullish()

const responsesBody = z.looseObject({
  model: z.string(),
  input: z.union([z.string(), z.array(message)]),
  instructions: z.string().nullish(),
  max_output_tokens: tokensMax,
  reasoning: z.looseObject({ effort: z.string().nullish() }).nullish(),
  stream: z.boolean().nullish(),
  text: z
    .looseObject({
      format: z.union([
        schemaFormat.extend({ type: z.literal('json_schema') }),
        z.looseObject({ type: z.enum(['text', 'json_object']) }),
      ]),
    })
    .partial()
    .nullish(),
})

const chatBody = z.looseObject({
  model: z.string(),
  messages: z.array(message).min(1),
  max_completion_tokens: tokensMax,
  max_tokens: tokensMax,
  reasoning_effort: z.string().nullish(),
  stream: z.boolean().nullish(),
  stream_options: z.looseObject({ include_usage: z.boolean().nullish() }).nullish(),
  response_format: z
    .union([
      z.looseObject({ type: z.literal('json_schema'), json_schema: schemaFormat }),
      z.looseObject({ type: z.enum(['text', 'json_object']) }),
    ])
    .nullish(),
})

/** Reads the body of POST /v1/responses. */
export function parseResponsesRequest(json: string): ModelRequest {
  const { model, input, instructions, max_output_tokens, reasoning, stream, text } = parseBody(responsesBody, json)
  const messages = typeof input === 'string' ? [{ role: 'user' as const, content: input }] : input
  const said = instructions ? [{ role: 'developer' as const, content: instructions }, ...messages] : messages
  const format = text?.format
  return {
    ...readMessages(said),
    model,
    // Only the json_schema member of the union has a schema of this type.
    ...(format?.type === 'json_schema' && { schema: checkSchema(format.schema as JsonSchema, 'text.format.schema') }),
    outputTokensMax: max_output_tokens ?? Number.POSITIVE_INFINITY,
    effort: reasoning?.effort ?? null,
    reasoningTokens: reasoningTokens(model, reasoning?.effort ?? undefined, 'reasoning.effort'),
    stream: stream ?? false,
    includeUsage: true,
  }
}

/** Reads the body of POST /v1/chat/completions. */
export function parseChatRequest(json: string): ModelRequest {
  const body = parseBody(chatBody, json)
  const format = body.response_format
  return {
    ...readMessages(body.messages),
    model: body.model,
    ...(format?.type === 'json_schema' && {
      // Only the json_schema member of the union has a schema of this type.
      schema: checkSchema((format.json_schema as z.infer<typeof schemaFormat>).schema, 'response_format.json_schema'),
    }),
    outputTokensMax: body.max_completion_tokens ?? body.max_tokens ?? Number.POSITIVE_INFINITY,
    effort: body.reasoning_effort ?? null,
    reasoningTokens: reasoningTokens(body.model, body.reasoning_effort ?? undefined, 'reasoning_effort'),
    stream: body.stream ?? false,
    includeUsage: body.stream_options?.include_usage ?? false,
  }
}

function parseBody<T>(schema: z.ZodType<T>, json: string): T {
  let body: unknown
  try {
    body = JSON.parse(json)
  } catch {
    throw invalidRequest(null, 'Simulated: the body of your request is not valid JSON.')
  }
  const result = schema.safeParse(body)
  if (result.success) return result.data
  const [issue] = result.error.issues
  const param = issue?.path.join('.') || null
  const missing = issue?.code === 'invalid_type' && issue.message.includes('received undefined')
  const code = missing ? 'missing_required_parameter' : 'invalid_value'
  throw invalidRequest(code, `Simulated: "${param ?? 'body'}" is wrong: ${issue?.message ?? 'not an object'}.`, param)
}

function readMessages(said: z.infer<typeof message>[]): Pick<ModelRequest, 'messages' | 'images'> {
  const images: RequestImage[] = []
  const messages = said.map(({ role, content }) => {
    if (typeof content === 'string') return { role, text: content }
    const texts: string[] = []
    for (const part of content) {
      if (part.type === 'input_image') images.push({ url: part.image_url, detail: part.detail ?? 'auto' })
      else if (part.type === 'image_url')
        images.push({ url: part.image_url.url, detail: part.image_url.detail ?? 'auto' })
      else texts.push(part.text)
    }
    return { role, text: texts.join('\n') }
  })
  return { messages, images }
}

/** Strict structured output: a root object, and every object closed with every property required. */
function checkSchema(schema: JsonSchema, param: string): JsonSchema {
  const problem = schema.type === 'object' ? findProblem(schema, '') : 'the root must be of type "object"'
  if (problem)
    throw invalidRequest('invalid_json_schema', `Simulated: invalid schema for "${param}": ${problem}.`, param)
  return schema
}

function findProblem(node: unknown, path: string): string | undefined {
  if (typeof node !== 'object' || node === null) return undefined
  const { type, properties, required, additionalProperties } = node as JsonSchema
  if (type === 'object' || properties) {
    const names = Object.keys(properties ?? {})
    const missing = names.find((name) => !(Array.isArray(required) && required.includes(name)))
    if (additionalProperties !== false) return `"additionalProperties" must be false at "${path || '/'}"`
    if (missing) return `"required" at "${path || '/'}" must name "${missing}"`
  }
  for (const [key, child] of Object.entries(node)) {
    // Values of these are instances, not schemas.
    const problem = ['enum', 'const', 'default', 'examples'].includes(key)
      ? undefined
      : findProblem(child, `${path}/${key}`)
    if (problem) return problem
  }
  return undefined
}
