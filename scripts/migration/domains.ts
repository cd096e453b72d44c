/** The domains that have a schema of the database and a role, in the order in which they are migrated. */
export const migratedDomains = ['events', 'auth', 'users', 'recycling', 'locations', 'waste', 'chat'] as const
export type MigratedDomain = (typeof migratedDomains)[number]

/** Where the migrations of a domain are, from the root of the repository. */
export const migrationsOf = (domain: MigratedDomain): string => `functions/${domain}/migrations`

/** The files that describe the tables of a domain, from the root of the repository. */
export const schemaFilesOf = (domain: MigratedDomain): string[] => [
  `functions/${domain}/schema.ts`,
  // The tables that every domain writes to stand in `_lib`, which may import no domain.
  ...(domain === 'events' ? ['functions/_lib/messaging/events-schema.ts'] : []),
]
