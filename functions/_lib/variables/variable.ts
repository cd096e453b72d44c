import * as z from 'zod'
import { type Environment, parseConfig } from '../process/config.ts'

/** Where the value of an environment variable comes from in the cluster. */
export type VariableSource = { secret: string; key: string } | { configMap: string; key: string } | { value: string }

/** One environment variable of a function: how it is read, and where the cluster keeps it. */
export type Variable<Schema extends z.ZodType = z.ZodType> = {
  schema: Schema
  /** Undefined for a variable that the cluster does not set, so that its default counts. */
  source?: VariableSource
  /** For the address of a database: largest number of connections of one instance. */
  connectionsMax?: number
}

/** Variables by name. A group is a record of them, and a function spreads the groups that it needs. */
export type Variables = Readonly<Record<string, Variable>>

/** What `readConfig` returns for these variables. */
export type ConfigOf<All extends Variables> = { readonly [Name in keyof All]: z.output<All[Name]['schema']> }

/**
 * Declares a variable. Without `source` the cluster does not set it, so `schema` must have a default or be optional; `npm run check`
 * reports one that is neither.
 *
 * @example `OPENAI_MODEL: variable(z.string().default('gpt-5'))`
 */
export const variable = <Schema extends z.ZodType>(schema: Schema, source?: VariableSource): Variable<Schema> => ({
  schema,
  ...(source && { source }),
})

/**
 * Declares a whole number that the cluster does not set, with its default and its bounds; `min` is 1 by default.
 *
 * @example `TURN_MS_MAX: integer(8_000, { min: 0, max: 10_000 })`
 */
export const integer = (standard: number, { min = 1, max = Number.MAX_SAFE_INTEGER } = {}) =>
  variable(z.coerce.number().int().min(min).max(max).default(standard))

/** Parses the declared variables of an environment. Throws `ConfigError`, which lists every problem and no value. */
export function readConfig<const All extends Variables>(variables: All, environment: Environment): ConfigOf<All> {
  const shape = Object.fromEntries(Object.entries(variables).map(([name, { schema }]) => [name, schema]))
  return parseConfig(z.object(shape), environment) as ConfigOf<All>
}
