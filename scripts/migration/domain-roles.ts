import type pg from 'pg'
import { migratedDomains } from './domains.ts'

export const roleOf = (domain: string): string => `growbin_${domain}`

/**
 * Creates the role of each domain that is missing. It cannot log in: each function's login is a member of the roles that it acts
 * as. The role that connects becomes a member too, since it migrates as each of them.
 */
export async function prepareRoles(client: pg.Client): Promise<void> {
  for (const domain of migratedDomains) {
    const role = roleOf(domain)
    // Roles belong to the server, not to the database: another database may have made it, at this very moment.
    await client.query(`do $$ begin
        if to_regrole('${role}') is null then create role ${role} nologin; end if;
      exception when duplicate_object or unique_violation then null; end $$`)
    const { rows } = await client.query<{ isMember: boolean }>(
      `select pg_has_role(current_user, $1, 'set') as "isMember"`,
      [role],
    )
    // A role may grant what it has created, but is no member of it by that alone.
    if (!rows[0]?.isMember) await client.query(`grant ${role} to current_user with set true, inherit true`)
  }
}

/** The address of a database for one domain: every session acts as the role of that domain. */
export function urlForDomain(databaseUrl: string, domain: string): string {
  const url = new URL(databaseUrl)
  url.searchParams.set('options', `-c role=${roleOf(domain)}`)
  return url.href
}
