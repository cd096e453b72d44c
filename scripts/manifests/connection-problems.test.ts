import { expect, test } from 'vitest'
import * as z from 'zod'
import { database, databases } from '../../functions/_lib/variables/groups.ts'
import { variable } from '../../functions/_lib/variables/variable.ts'
import postgresql from '../config/postgresql.json' with { type: 'json' }
import { repositoryRoot } from '../lib/repository-root.ts'
import { connectionsOf, findConnectionProblems } from './connection-problems.ts'
import { httpSpec, stageSpec } from './example-specs.ts'
import { loadSpecs } from './load-specs.ts'

const postgres = { max_connections: 40, superuser_reserved_connections: 3, connections_of_operators: 5 }
const one = { ...httpSpec, variables: database('waste', { connectionsMax: 4 }) }
const stage = { ...stageSpec, variables: database('waste', { connectionsMax: 2 }) }

test('two revisions of every function at its largest fit, with what operators need', () => {
  expect(connectionsOf(one)).toBe(16)
  expect(findConnectionProblems([one], postgres)).toEqual([])
  expect(findConnectionProblems([one], { ...postgres, connections_of_operators: 6 })).toEqual([
    'the functions of the four-node cluster may open 32 connections during a rollout; PostgreSQL has 31 for them (40 in scripts/config/postgresql.json, less 9)',
    expect.stringContaining('nine-node cluster may open 32'),
  ])
})

test('the functions of the four steps count where they are deployed', () => {
  expect(findConnectionProblems([one, stage], postgres)).toEqual([
    expect.stringContaining('nine-node cluster may open 40'),
  ])
})

test('every database of a function has a bound, and no variable goes before it', () => {
  const source = { secret: 's', key: 'k' }
  const unbounded = { ...one, variables: { DATABASE_URL: variable(z.string(), source) } }
  expect(findConnectionProblems([unbounded], postgres)).toEqual([
    expect.stringContaining('"DATABASE_URL" may have undefined connections'),
  ])
  const wrong = {
    ...one,
    variables: databases({
      DATABASE_URL: { domain: 'waste', connectionsMax: 0 },
      OTHER_DATABASE_URL: { domain: 'other', connectionsMax: 0.5 },
    }),
  }
  expect(findConnectionProblems([wrong], postgres)).toHaveLength(2)
  const set = { DATABASE_CONNECTIONS_MAX: variable(z.string(), { value: '9' }) }
  const overridden = { ...one, variables: { ...one.variables, ...set } }
  expect(findConnectionProblems([overridden], postgres)).toEqual([expect.stringContaining('would go before')])
})

test('what is deployed fits into what PostgreSQL is set to', async () => {
  const specs = (await loadSpecs(repositoryRoot)).map(({ spec }) => spec)
  expect(findConnectionProblems(specs, postgresql)).toEqual([])
})
