import type * as z from 'zod'
import type { ProblemCode } from '../http/errors.ts'
import type { HttpMethod, Route } from '../process/function-spec.ts'

/** The default export of `functions/<domain>/openapi.ts`: name and description of the domain in the API document. */
export type DomainDescription = { name: string; description: string }

type RoutedSpec = { trigger: { routes: readonly Pick<Route, 'method' | 'path'>[] } }

/** The key of a route in `openapi.ts`: `GET /api/v1/users/history`. */
export type RouteKey<Spec extends RoutedSpec> = Spec['trigger']['routes'][number] extends infer Each
  ? Each extends { method: infer Method extends HttpMethod; path: infer Path extends string }
    ? `${Method} ${Path}`
    : never
  : never

/**
 * The default export of `openapi.ts` of an HTTP function: the documentation of each route of its `function.ts`. A route without a
 * description and a description without a route do not compile. Only scripts and tests import it, so no function loads it at start.
 */
export type FunctionDescription<Spec extends RoutedSpec = RoutedSpec> = {
  routes: Readonly<Record<RouteKey<Spec>, RouteDescription>>
}

export type RouteDescription = {
  /** Unique in the whole API; clients are generated with it: `openAnalysis`. */
  operationId: string
  summary: string
  description: string
  /** The key of the rate limit, for a route that has one. */
  limitedBy?: 'person' | 'address'
  /** One for each `:name` of the path. */
  path?: Readonly<Record<string, ParameterDescription>>
  query?: Readonly<Record<string, ParameterDescription>>
  headers?: Readonly<Record<string, ParameterDescription>>
  body?: BodyDescription
  /** Responses other than problems, by status. */
  answers: Readonly<Record<number, AnswerDescription>>
  /** Problems of this route only. The generator adds those of every route of its kind. */
  problems?: readonly ProblemDescription[]
}

export type Example = { summary: string; value: unknown }

export type ParameterDescription = {
  description: string
  /** The schema that the handler validates with. */
  schema: z.ZodType
  /** Ignored in a path, where every parameter is required. */
  required?: boolean
  example: unknown
}

export type BodyDescription = {
  /** Name of the schema in the document. */
  name: string
  /** The schema that the handler validates with. */
  schema: z.ZodType
  /** The meaning of each field, by JSON pointer: `/location/lat`. The schema of the handler holds no texts. */
  fields: Readonly<Record<`/${string}`, string>>
  /** False for a request that may come without a body. Default: true. */
  required?: boolean
  examples: Readonly<Record<string, Example>>
}

export type AnswerDescription = {
  description: string
  /** Schema of the JSON body, strict and with `meta({ id })`. Without it the response has no body, or is a stream. */
  schema?: z.ZodType
  examples?: Readonly<Record<string, Example>>
  /** Server-sent events, each with JSON of `schema` as its data. */
  stream?: { schema: z.ZodType; example: string }
  headers?: Readonly<Record<string, { description: string; schema: z.ZodType; example: unknown; required?: boolean }>>
}

export type ProblemDescription = {
  code: ProblemCode
  reason: string
  /** The condition, as a sentence without the subject: "The photo has not been uploaded yet." */
  when: string
  /** True when the answer always has `Retry-After`. */
  retryAfter?: boolean
  /** True when the answer lists wrong fields in `errors`. */
  fields?: boolean
}
