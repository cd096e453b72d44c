import type { DeployedService, VariableOrigin } from '../../../manifests/read/read-service.ts'
import type { LocalValues } from './local-values.ts'

export type EnvironmentOptions = {
  values: LocalValues
  /** Variables that the function reads, beside those that its manifest names. */
  read: readonly string[]
  /** The environment of this process: what it sets for a variable of a function wins, such as LOG_LEVEL. */
  overrides: Readonly<Record<string, string | undefined>>
}

// Of these the local platform makes one value for each function, so the process' own must not leak in.
const perFunction = new Set(['DATABASE_URL', 'REDIS_URL', 'PORT', 'K_REVISION'])
const ofParts = /^(?:S3|OPENAI|KAKAO)_/

/**
 * The environment of one function, as its manifest says it and the kubelet would put it together. Throws for a key of a Secret or
 * ConfigMap that does not exist here, with its name and all others at once.
 */
export function environmentOf(
  { name, variables }: Pick<DeployedService, 'name' | 'variables'>,
  { values, read, overrides }: EnvironmentOptions,
): Record<string, string> {
  const overridden = (variable: string) =>
    perFunction.has(variable) || ofParts.test(variable) ? undefined : overrides[variable]
  const missing: string[] = []
  const environment: Record<string, string> = { K_REVISION: `${name}-local` }
  const set = (variable: string, value: string | undefined) => {
    if (value !== undefined) environment[variable] = value
  }
  for (const [variable, origin] of Object.entries(variables)) {
    if (!isKnown(origin, values)) missing.push(`"${variable}" of "${name}" is key ${describeKey(origin)}`)
    else set(variable, overridden(variable) ?? readValue(origin, values))
  }
  for (const variable of read) set(variable, overridden(variable))
  if (missing.length === 0) return environment
  throw new Error(`${missing.join('; ')}; the local platform has no such key, see local-values.ts`)
}

type Kept = Exclude<VariableOrigin, { value: string }>

const isKnown = (origin: VariableOrigin, values: LocalValues): boolean =>
  'value' in origin || origin.key in (values[origin.kind][origin.name] ?? {})

const readValue = (origin: VariableOrigin, values: LocalValues): string | undefined =>
  'value' in origin ? origin.value : values[origin.kind][origin.name]?.[origin.key]

const describeKey = (origin: VariableOrigin): string => {
  const { kind, name, key } = origin as Kept
  return `"${key}" of ${kind} "${name}"`
}
