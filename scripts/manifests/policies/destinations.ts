import { domainOf, type FunctionSpec } from '../../../functions/_lib/process/function-spec.ts'

/** What a function may reach because a variable names it. */
export type Destination = 'postgresql' | 'redis' | 'broker' | 'object-store' | 'outside'

/** In the order of the columns of the matrix. */
export const destinationNames: readonly Destination[] = ['postgresql', 'redis', 'broker', 'object-store', 'outside']

/** A variable that gives an address, and what is there. `service` is for the matrix. */
const reaching: readonly { variable: RegExp; destination: Destination; service: string }[] = [
  { variable: /^([A-Z]+_)?DATABASE_URL$/, destination: 'postgresql', service: 'PostgreSQL' },
  { variable: /^REDIS_URL$/, destination: 'redis', service: 'Redis' },
  { variable: /^BROKER_URL$/, destination: 'broker', service: 'broker' },
  { variable: /^S3_(BUCKET|ENDPOINT)$/, destination: 'object-store', service: 'S3' },
  { variable: /^OPENAI_BASE_URL$/, destination: 'outside', service: 'model' },
  { variable: /^(LOGIN_PROVIDERS|PROVIDER_APIS)$/, destination: 'outside', service: 'login providers' },
  { variable: /^KAKAO_LOCAL_URL$/, destination: 'outside', service: 'maps' },
]

/** Variables that give keys, limits and names, and no address to connect to. */
const reachingNothing = [
  /^(LOG_LEVEL|K_REVISION|ANALYSIS_VARIANT|OPENAI_MODEL|S3_REGION)$/,
  /^[A-Z_]+_(MAX|MS|SECONDS|EXPECTED)$/,
  /^([A-Z0-9_]+_)?(KEY|KEYS|KEY_ID)$/,
  // Addresses that others connect from or to: browsers, proxies, operators.
  /^(PUBLIC_BASE_URL|WEB_ORIGINS|LOGIN_REDIRECT_URIS|TRUSTED_PROXIES|OPERATOR_NETWORKS)$/,
]

/** What the variables of a function name, each with the services that are meant. */
export function destinationsOf({ variables }: Pick<FunctionSpec, 'variables'>): Map<Destination, string[]> {
  const found = new Map<Destination, string[]>()
  for (const name of Object.keys(variables)) {
    for (const { destination, service } of reaching.filter(({ variable }) => variable.test(name))) {
      const services = found.get(destination) ?? []
      if (!services.includes(service)) found.set(destination, [...services, service])
    }
  }
  return found
}

/** Variables for which no rule says whether they are an address: nothing would let the function reach it. */
export function findUnknownVariables(specs: readonly FunctionSpec[]): string[] {
  return specs.flatMap(({ name, variables }) =>
    Object.keys(variables)
      .filter((key) => !reaching.some(({ variable }) => variable.test(key)))
      .filter((key) => !reachingNothing.some((variable) => variable.test(key)))
      .map(
        (key) =>
          `${name}: no network policy is known for the variable "${key}"; say in scripts/manifests/policies/destinations.ts what it reaches`,
      ),
  )
}

/** The functions that reach a destination, by domain. */
export function reachers(specs: readonly FunctionSpec[], destination: Destination): Map<string, string[]> {
  const reaching = specs.filter((spec) => destinationsOf(spec).has(destination))
  const byDomain = Map.groupBy(reaching, domainOf)
  return new Map([...byDomain].sort().map(([domain, found]) => [domain, found.map(({ name }) => name).sort()]))
}
