import * as z from 'zod'

/** Environment variables as read from the process, or as the local platform hands them out. */
export type Environment = Readonly<Record<string, string | undefined>>

/** The only place that reads `process.env`. */
export function readEnvironment(): Environment {
  return process.env
}

/** Wrong or missing configuration. Lists every problem at once, and never a value, which may be a secret. */
export class ConfigError extends Error {
  override name = 'ConfigError'
}

/** Parses the environment once, at start. An empty string counts as missing. Throws `ConfigError`. */
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

/** JSON text in a variable, parsed and then checked by `schema`. */
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

/** A flag written as `true` or `false`. */
export const booleanVariable = z.enum(['true', 'false']).transform((text) => text === 'true')

export const logLevelVariable = z.enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal']).default('info')
