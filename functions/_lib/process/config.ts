import * as z from 'zod'

/** Environment variables, of the process or as the local platform gives them to a function. */
export type Environment = Readonly<Record<string, string | undefined>>

/** The variables of this process. Only this function reads `process.env`. */
export function readEnvironment(): Environment {
  return process.env
}

/** Wrong or missing configuration. The message lists every problem and no value, since a value may be a secret. */
export class ConfigError extends Error {
  override name = 'ConfigError'
}

/** Parses the environment at start by a schema of variables. An empty string counts as missing. Throws `ConfigError`. */
export function parseConfig<Schema extends z.ZodObject>(schema: Schema, environment: Environment): z.output<Schema> {
  const present = Object.fromEntries(
    Object.keys(schema.shape)
      .map((name) => [name, environment[name]])
      .filter(([, value]) => value !== undefined && value !== ''),
  )
  const parsed = schema.safeParse(present)
  if (parsed.success) return parsed.data
  const problems = parsed.error.issues.map((issue) => {
    const name = String(issue.path[0])
    return name in present ? `"${name}" is wrong: ${issue.message}` : `"${name}" is missing`
  })
  throw new ConfigError(`The environment has ${problems.length} problem(s): ${problems.join('; ')}`)
}

/** The schema of a variable that holds JSON text, which `schema` then parses. */
export function jsonVariable<Schema extends z.ZodType>(schema: Schema) {
  return z
    .string()
    .transform((text, context) => {
      try {
        return JSON.parse(text) as unknown
      } catch {
        context.addIssue({ code: 'custom', message: 'expected JSON' })
        return z.NEVER
      }
    })
    .pipe(schema)
}

/** The schema of a flag: `true` or `false`. */
export const booleanVariable = z.enum(['true', 'false']).transform((text) => text === 'true')

export const logLevelVariable = z.enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal']).default('info')
