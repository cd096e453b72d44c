import { globSync } from 'node:fs'
import { join } from 'node:path'
import { is } from 'drizzle-orm'
import { getTableConfig, getViewConfig, type PgColumn, PgTable, PgView } from 'drizzle-orm/pg-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { migratedDomains } from '../../migration/domains.ts'
import { createTestDatabase, type TestDatabase } from './test-database.ts'

let database: TestDatabase
beforeAll(async () => {
  database = await createTestDatabase()
})
afterAll(() => database?.close())

const functionsFolder = join(import.meta.dirname, '../../../functions')
const schemaFiles = globSync(['*/schema.ts', '_lib/*/*-schema.ts'], { cwd: functionsFolder })

type Relation = {
  name: string
  columns: Record<string, string>
  primaryKey?: string[]
  indexes?: (string | undefined)[]
  constraints?: string[]
}

async function readDescribed(file: string): Promise<Relation[]> {
  const described = (await import(join(functionsFolder, file))) as Record<string, unknown>
  return Object.values(described).flatMap((value): Relation[] => {
    if (is(value, PgTable)) {
      const { schema, name, columns, primaryKeys, indexes, checks, foreignKeys, uniqueConstraints } =
        getTableConfig(value)
      const own = columns.filter(({ primary }) => primary)
      const primaryKey = primaryKeys[0]?.columns ?? own
      return [
        {
          name: `${schema}.${name}`,
          columns: Object.fromEntries(columns.map((column) => [column.name, describeColumn(column)])),
          primaryKey: primaryKey.map((column) => column.name).sort(),
          indexes: indexes.map((index) => index.config.name).sort(),
          constraints: [
            ...[...checks, ...uniqueConstraints].map((constraint) => constraint.name ?? ''),
            ...foreignKeys.map((key) => key.getName()),
            ...columns.flatMap(({ isUnique, uniqueName }) => (isUnique && uniqueName) || []),
          ].sort(),
        },
      ]
    }
    if (!is(value, PgView)) return []
    const { schema, name, selectedFields } = getViewConfig(value)
    const columns = Object.values(selectedFields as Record<string, PgColumn>)
    return [
      {
        name: `${schema}.${name}`,
        columns: Object.fromEntries(columns.map((column) => [column.name, column.getSQLType()])),
      },
    ]
  })
}

const describeColumn = (column: PgColumn) =>
  [column.getSQLType(), column.notNull && 'not null', column.hasDefault && 'default'].filter(Boolean).join(' ')

// It covers columns with `include`, which drizzle cannot express.
const onlyInSql = ['results_history']

async function readMigrated(name: string): Promise<Relation> {
  const rows = await database.query<{
    column: string
    described: string
    type: string
    primary: boolean
    kind: string
  }>(
    `select attname as column, format_type(atttypid, atttypmod) as type, relkind as kind,
       concat_ws(' ', format_type(atttypid, atttypmod), case when attnotnull then 'not null' end,
         case when atthasdef or attidentity <> '' then 'default' end) as described,
       exists (select from pg_index where indrelid = attrelid and indisprimary and attnum = any(indkey)) as primary
     from pg_attribute join pg_class on pg_class.oid = attrelid
     where attrelid = to_regclass($1) and attnum > 0 and not attisdropped`,
    [name],
  )
  const isTable = rows[0]?.kind === 'r'
  const [names] = await database.query<{ indexes: string[]; constraints: string[] }>(
    `select
       array(select indexrelid::regclass::text from pg_index where indrelid = to_regclass($1)
         and not exists (select from pg_constraint where conindid = indexrelid)) as indexes,
       array(select conname::text from pg_constraint where conrelid = to_regclass($1) and contype in ('c', 'u', 'f')) as constraints`,
    [name],
  )
  return {
    name,
    columns: Object.fromEntries(rows.map((row) => [row.column, isTable ? row.described : row.type])),
    ...(isTable && {
      primaryKey: rows.flatMap((row) => (row.primary ? row.column : [])).sort(),
      indexes: names?.indexes
        .map((index) => index.split('.')[1])
        .filter((index) => !onlyInSql.includes(index ?? ''))
        .sort(),
      constraints: names?.constraints.sort(),
    }),
  }
}

describe('the description of the tables', () => {
  it('exists for more than one domain', () => {
    expect(schemaFiles).toEqual(
      expect.arrayContaining(['waste/schema.ts', 'auth/schema.ts', '_lib/messaging/events-schema.ts']),
    )
  })

  it.each(schemaFiles)(
    'in %s is what the migrations make: columns, types, nullability, defaults, keys, indexes and constraints by name',
    async (file) => {
      const relations = await readDescribed(file)
      expect(relations.length).toBeGreaterThan(0)
      for (const relation of relations) expect(relation).toEqual(await readMigrated(relation.name))
    },
  )
})

it('every table of the database is described', async () => {
  const described = (await Promise.all(schemaFiles.map(readDescribed))).flat().map(({ name }) => name)
  const tables = await database.query<{ name: string }>(
    `select schemaname || '.' || tablename as name from pg_tables where schemaname = any($1)`,
    [migratedDomains],
  )
  expect(tables.map(({ name }) => name).filter((name) => !described.includes(name))).toEqual([])
})

describe('the roles of the domains', () => {
  const roleOf = (domain: string) => `growbin_${domain}`
  const writes = ['INSERT', 'UPDATE', 'DELETE', 'TRUNCATE'] as const
  // Every domain publishes and consumes events, and records dead letters.
  const shared: Record<string, string[]> = {
    'events.outbox': ['SELECT', 'INSERT', 'UPDATE'],
    'events.inbox': ['SELECT', 'INSERT'],
    'events.dead_letters': ['INSERT'],
  }

  async function readRelations() {
    const rows = await database.query<{ domain: string; name: string; kind: string; owner: string }>(
      `select nspname as domain, nspname || '.' || relname as name, relkind as kind, pg_get_userbyid(relowner) as owner
       from pg_class join pg_namespace on pg_namespace.oid = relnamespace
       where nspname = any($1) and relkind in ('r', 'v', 'm', 'p', 'f') order by 2`,
      [migratedDomains],
    )
    expect(rows.length).toBeGreaterThan(10)
    return rows
  }

  async function privilegesOf(role: string, relation: string): Promise<string[]> {
    const rows = await database.query<{ privilege: string }>(
      `select privilege from unnest($3::text[]) as privilege
       where has_schema_privilege($1, split_part($2, '.', 1), 'USAGE')
         and (has_table_privilege($1, $2, privilege)
           or (privilege in ('SELECT', 'INSERT', 'UPDATE') and has_any_column_privilege($1, $2, privilege)))`,
      [role, relation, ['SELECT', ...writes, 'REFERENCES', 'TRIGGER']],
    )
    return rows.map(({ privilege }) => privilege)
  }

  it('own every relation of their schema', async () => {
    for (const { name, domain, owner } of await readRelations()) expect([name, owner]).toEqual([name, roleOf(domain)])
  })

  it.each(migratedDomains)('%s writes only its own schema, and reads others only by views', async (domain) => {
    for (const { name, domain: owner, kind } of await readRelations()) {
      const privileges = await privilegesOf(roleOf(domain), name)
      if (owner === domain) expect([name, privileges]).toEqual([name, expect.arrayContaining(['SELECT', ...writes])])
      else if (name in shared) expect([name, privileges]).toEqual([name, shared[name]])
      else expect([name, privileges]).toEqual([name, kind === 'v' && privileges.length > 0 ? ['SELECT'] : []])
    }
  })

  it.each(
    migratedDomains.flatMap((role) =>
      migratedDomains.filter((domain) => domain !== role).map((domain) => [role, domain]),
    ),
  )('%s is refused by PostgreSQL when it writes to %s', async (role, domain) => {
    const relations = (await readRelations()).filter(
      (relation) => relation.domain === domain && !(relation.name in shared),
    )
    const statements = [
      `create table ${domain}.intruder ()`,
      ...relations.flatMap(({ name }) => [`delete from ${name} where false`, `insert into ${name} default values`]),
    ]
    for (const statement of statements) {
      const refusal = await database.query(`do $do$ begin set local role ${roleOf(role)}; ${statement}; end $do$`).then(
        () => 'done',
        (error: { code?: string }) => error.code,
      )
      // 3F000: the domain has no schema yet.
      expect([statement, refusal]).toEqual([statement, expect.stringMatching(/^(?:42501|3F000|55000)$/)])
    }
  })

  it.each(migratedDomains)(
    '%s creates nothing in the public schema, cannot log in, and is no superuser',
    async (domain) => {
      const [row] = await database.query(
        `select has_schema_privilege(rolname, 'public', 'CREATE') as creates, rolcanlogin, rolsuper, rolcreaterole,
         rolbypassrls, has_schema_privilege(rolname, 'migrations', 'USAGE') as migrates
       from pg_roles where rolname = $1`,
        [roleOf(domain)],
      )
      expect(row).toEqual({
        creates: false,
        rolcanlogin: false,
        rolsuper: false,
        rolcreaterole: false,
        rolbypassrls: false,
        migrates: false,
      })
    },
  )

  it('are members of no other domain', async () => {
    const members = await database.query(
      `select member::regrole::text as member, roleid::regrole::text as role from pg_auth_members
       where member::regrole::text like 'growbin\\_%' and roleid::regrole::text like 'growbin\\_%'`,
    )
    expect(members).toEqual([])
  })
})
