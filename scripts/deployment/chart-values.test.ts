import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Ajv } from 'ajv'
import { expect, it } from 'vitest'
import { parse } from 'yaml'
import postgresql from '../config/postgresql.json' with { type: 'json' }
import { repositoryRoot } from '../lib/repository-root.ts'
import { migratedDomains } from '../migration/domains.ts'
import { catalogue, databaseLogins } from './secrets/catalogue.ts'

const chart = join(repositoryRoot, 'charts/growbin')
const read = async (name: string) => parse(await readFile(join(chart, name), 'utf8'))
const values = await read('values.yaml')

/** As Helm merges files of values: objects key by key, everything else as a whole. */
function merge(base: unknown, changes: unknown): unknown {
  const isObject = (value: unknown): value is Record<string, unknown> =>
    typeof value === 'object' && value !== null && !Array.isArray(value)
  if (!isObject(base) || !isObject(changes)) return changes === undefined ? base : changes
  return Object.fromEntries(
    [...new Set([...Object.keys(base), ...Object.keys(changes)])].map((key) => [key, merge(base[key], changes[key])]),
  )
}

it.each(['values-four-node.yaml', 'values-nine-node.yaml'])(
  '%s holds differences only, and fits the schema',
  async (name) => {
    const changes = await read(name)
    const merged = merge(values, changes)
    const validate = new Ajv({ allErrors: true }).compile(
      JSON.parse(await readFile(join(chart, 'values.schema.json'), 'utf8')),
    )
    expect(validate(values) || validate.errors).toBe(true)
    expect(validate(merged) || validate.errors).toBe(true)
    for (const [part, fields] of Object.entries<Record<string, unknown>>(changes)) {
      for (const [field, value] of Object.entries(fields))
        expect(values[part][field], `${part}.${field}`).not.toEqual(value)
    }
  },
)

it('gives functions the settings of the catalogue, in its namespaces', () => {
  const entries = catalogue.filter(({ kind, name }) => kind === 'ConfigMap' && name === 'growbin')
  expect(values.configNamespaces).toEqual(
    Object.fromEntries(entries.flatMap(({ namespaces, keys }) => namespaces.map((name) => [name, Object.keys(keys)]))),
  )
  expect(Object.keys(values.config).sort()).toEqual(
    [...new Set(entries.flatMap(({ keys }) => Object.keys(keys)))].sort(),
  )
})

it('makes the role of each domain, the logins of the catalogue, and as many connections as functions count on', () => {
  expect(values.postgresql.roles).toEqual([...migratedDomains].sort())
  expect(values.postgresql.logins).toEqual(databaseLogins)
  expect(values.postgresql.maxConnections).toBe(postgresql.max_connections)
})
