import type * as z from 'zod'
import type { ProblemCode } from '../http/errors.ts'
import type { HttpMethod, Route } from '../process/function-spec.ts'

/** What `functions/<domain>/openapi.ts` exports by default: how the domain is called in the document. */
export type DomainDescription = { name: string; description: string }

type RoutedSpec = { trigger: { routes: readonly Pick<Route, 'method' | 'path'>[] } }

/** A route as `openapi.ts` names it: `GET /api/v1/users/history`. */
export type RouteKey<Spec extends RoutedSpec> = Spec['trigger']['routes'][number] extends infer Each
  ? Each extends { method: infer Method extends HttpMethod; path: infer Path extends string }
    ? `${Method} ${Path}`
    : never
  : never

/**
 * What `openapi.ts` of an HTTP function exports by default: for each route of its `function.ts` what callers have to know. With
 * the type of that description, a route without a description and a description without a route do not compile.
 * Only scripts and tests load it, so it costs no function its start.
 */
export type FunctionDescription<Spec extends RoutedSpec = RoutedSpec> = {
  routes: Readonly<Record<RouteKey<Spec>, RouteDescription>>
}

export type RouteDescription = {
  /** Unique in the whole API; clients are generated with it: `openAnalysis`. */
  operationId: string
  summary: string
  description: string
  /** What requests are counted by, for a route with a rate limit. */
  limitedBy?: 'person' | 'address'
  /** One for each `:name` of the path. */
  path?: Readonly<Record<string, ParameterDescription>>
  query?: Readonly<Record<string, ParameterDescription>>
  headers?: Readonly<Record<string, ParameterDescription>>
  body?: BodyDescription
  /** By status, the answers that are no problem. */
  answers: Readonly<Record<number, AnswerDescription>>
  /** Problems of this route alone. What every route of its kind can answer is added by the generator. */
  problems?: readonly ProblemDescription[]
}

export type Example = { summary: string; value: unknown }

export type ParameterDescription = {
  description: string
  /** As the handler checks it. */
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
  /** What each field means, by JSON pointer through objects: `/location/lat`. The handler's schema has no texts. */
  fields: Readonly<Record<`/${string}`, string>>
  /** False for a request that may come without a body. Default: true. */
  required?: boolean
  examples: Readonly<Record<string, Example>>
}

export type AnswerDescription = {
  description: string
  /** Of the JSON body, strict and with `meta({ id })`. Without it the answer has no body, or is a stream. */
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
