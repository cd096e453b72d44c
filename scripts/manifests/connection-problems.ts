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
export const connectionsOf = ({ scale, variables }: FunctionSpec): number =>
  scale.max * Object.values(variables).reduce((sum, { connectionsMax = 0 }) => sum + connectionsMax, 0)

/** Databases without a bound, and clusters whose functions may ask for more connections than PostgreSQL has. */
export function findConnectionProblems(specs: readonly FunctionSpec[], postgres: PostgresConnections): string[] {
  return [...specs.flatMap(findUnbounded), ...findOverdrawn(specs, postgres)]
}

/** The group `database` demands a bound; a variable by hand, and a bound of no connection, are found here. */
function findUnbounded({ name, variables }: FunctionSpec): string[] {
  return Object.entries(variables).flatMap(([variable, { connectionsMax, source }]) => {
    if (variable.endsWith('DATABASE_URL')) {
      return connectionsMax !== undefined && Number.isInteger(connectionsMax) && connectionsMax >= 1
        ? []
        : [`${name}: "${variable}" may have ${connectionsMax} connections; expected "connectionsMax" of 1 or more`]
    }
    return variable === 'DATABASE_CONNECTIONS_MAX' && source
      ? [`${name}: "DATABASE_CONNECTIONS_MAX" would go before "connectionsMax", which is what is computed with`]
      : []
  })
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
