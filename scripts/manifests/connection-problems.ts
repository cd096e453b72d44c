import type { FunctionSpec } from '../../functions/_lib/process/function-spec.ts'

/** `scripts/config/postgresql.json`: what the server is set to, and what of it is not for functions. */
export type PostgresConnections = {
  max_connections: number
  superuser_reserved_connections: number
  /** Migrations, backups, monitoring, and people at a prompt. */
  connections_of_operators: number
}

/** A rollout of everything has two revisions of each function at once. */
const revisionsAtOnce = 2

const clusters: Record<string, (spec: FunctionSpec) => boolean> = {
  'four-node': (spec) => spec.variant === undefined,
  'nine-node': () => true,
}

/** Connections of all instances of a function, in one revision. */
export const connectionsOf = ({ scale, connections = {} }: FunctionSpec): number =>
  scale.max * Object.values(connections).reduce((sum, count) => sum + count, 0)

/** Databases without a bound, and clusters whose functions may ask for more connections than PostgreSQL has. */
export function findConnectionProblems(specs: readonly FunctionSpec[], postgres: PostgresConnections): string[] {
  return [...specs.flatMap(findUnbounded), ...findOverdrawn(specs, postgres)]
}

function findUnbounded({ name, environment, connections = {} }: FunctionSpec): string[] {
  const databases = Object.keys(environment).filter((variable) => variable.endsWith('DATABASE_URL'))
  return [
    ...databases
      .filter((variable) => !(variable in connections))
      .map((variable) => `${name}: "connections" does not say how many "${variable}" may have`),
    ...Object.entries(connections)
      .filter(([variable, count]) => !databases.includes(variable) || !Number.isInteger(count) || count < 1)
      .map(
        ([variable, count]) =>
          `${name}: "connections" says ${count} for "${variable}"; expected 1 or more, of a database that the environment names`,
      ),
    ...('DATABASE_CONNECTIONS_MAX' in environment
      ? [`${name}: "DATABASE_CONNECTIONS_MAX" would go before "connections", which is what is computed with`]
      : []),
  ]
}

function findOverdrawn(specs: readonly FunctionSpec[], postgres: PostgresConnections): string[] {
  const {
    max_connections: max,
    superuser_reserved_connections: reserved,
    connections_of_operators: operators,
  } = postgres
  const free = max - reserved - operators
  return Object.entries(clusters).flatMap(([cluster, isDeployed]) => {
    const needed = specs.filter(isDeployed).reduce((sum, spec) => sum + revisionsAtOnce * connectionsOf(spec), 0)
    return needed <= free
      ? []
      : [
          `the functions of the ${cluster} cluster may open ${needed} connections during a rollout; PostgreSQL has ${free} for them ` +
            `(${max} in scripts/config/postgresql.json, less ${reserved + operators})`,
        ]
  })
}
