import { drizzle } from 'drizzle-orm/node-postgres'
import type pg from 'pg'
import { ruleBase } from '../../functions/recycling/rule-base/rule-base.ts'
import { contentHashOf, createRuleStore } from '../../functions/recycling/rules.pg.ts'
import { loadRules } from '../../functions/recycling/tasks/load-rules.ts'
import { roleOf } from './domain-roles.ts'
import { type MigrateOptions, migrateAll } from './migrate.ts'

/** Everything that a database needs before functions run on it: roles, tables and rules, under one lock. Idempotent. */
export async function prepareDatabase(databaseUrl: string, options: MigrateOptions = {}): Promise<void> {
  await migrateAll(databaseUrl, options, async (client) => {
    const startedMs = performance.now()
    const { inserted, updated, unchanged } = await loadRuleBase(client)
    const ms = Math.round(performance.now() - startedMs)
    options.report?.(`rules: ${inserted} new, ${updated} updated, ${unchanged} unchanged in ${ms} ms`)
  })
}

/** In one transaction, so that rules which contradict what is stored change nothing. */
async function loadRuleBase(client: pg.Client) {
  await client.query('begin')
  try {
    await client.query(`set local role ${roleOf('recycling')}`)
    const loaded = await loadRules({ ...createRuleStore(drizzle({ client })), contentHashOf }, ruleBase)
    await client.query('commit')
    return loaded
  } catch (error) {
    await client.query('rollback').catch(() => undefined)
    throw error
  }
}
