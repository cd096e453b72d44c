/** A JSON Schema (draft 2020-12), as OpenAPI 3.1 takes it. */
export type JsonSchema = { [keyword: string]: unknown } & {
  $ref?: string
  type?: string | string[]
  format?: string
  description?: string
  properties?: Record<string, JsonSchema>
  required?: string[]
  items?: JsonSchema
  anyOf?: JsonSchema[]
  oneOf?: JsonSchema[]
  allOf?: JsonSchema[]
  enum?: unknown[]
  const?: unknown
  additionalProperties?: boolean | JsonSchema
}

export type Reference = { $ref: string }
export type ExampleObject = { summary: string; value: unknown }
export type MediaType = {
  schema: JsonSchema
  example?: unknown
  examples?: Record<string, ExampleObject>
  /** Of a stream of server-sent events: the schema of the JSON in each one's `data`. */
  'x-event-data'?: JsonSchema
}
export type HeaderObject = { description: string; required?: boolean; schema: JsonSchema; example?: unknown }
export type ParameterObject = HeaderObject & { name: string; in: 'path' | 'query' | 'header' }
export type ResponseObject = {
  description: string
  headers?: Record<string, HeaderObject | Reference>
  content?: Record<string, MediaType>
}
export type Operation = {
  operationId: string
  tags: string[]
  summary: string
  description: string
  /** The function that answers. */
  'x-function': string
  security: Record<string, string[]>[]
  parameters: (ParameterObject | Reference)[]
  requestBody?: { required: boolean; content: Record<string, MediaType> }
  responses: Record<string, ResponseObject>
}

/** The part of an OpenAPI 3.1 document that this API uses. */
export type ApiDocument = {
  openapi: string
  'x-generated-by': string
  info: { title: string; version: string; summary: string; description: string; license: object }
  servers: { url: string; description: string }[]
  tags: { name: string; description: string }[]
  paths: Record<string, Record<string, Operation>>
  components: {
    schemas: Record<string, JsonSchema>
    parameters: Record<string, ParameterObject>
    headers: Record<string, HeaderObject>
    securitySchemes: Record<string, object>
  }
}
