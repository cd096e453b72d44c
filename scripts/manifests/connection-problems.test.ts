import { expect, test } from 'vitest'
import postgresql from '../config/postgresql.json' with { type: 'json' }
import { repositoryRoot } from '../lib/repository-root.ts'
import { connectionsOf, findConnectionProblems } from './connection-problems.ts'
import { httpSpec, stageSpec } from './example-specs.ts'
import { loadSpecs } from './load-specs.ts'

const postgres = { max_connections: 40, superuser_reserved_connections: 3, connections_of_operators: 5 }
const one = { ...httpSpec, connections: { DATABASE_URL: 4 } }
const stage = {
  ...stageSpec,
  environment: { DATABASE_URL: { secret: 's', key: 'k' } },
  connections: { DATABASE_URL: 2 },
}

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
  const { connections: _, ...unbounded } = one
  expect(findConnectionProblems([unbounded], postgres)).toEqual([
    expect.stringContaining('does not say how many "DATABASE_URL"'),
  ])
  const wrong = { ...one, connections: { DATABASE_URL: 0, OTHER_DATABASE_URL: 1 } }
  expect(findConnectionProblems([wrong], postgres)).toHaveLength(2)
  const overridden = { ...one, environment: { ...one.environment, DATABASE_CONNECTIONS_MAX: { value: '9' } } }
  expect(findConnectionProblems([overridden], postgres)).toEqual([expect.stringContaining('would go before')])
})

test('what is deployed fits into what PostgreSQL is set to', async () => {
  const specs = (await loadSpecs(repositoryRoot)).map(({ spec }) => spec)
  expect(findConnectionProblems(specs, postgresql)).toEqual([])
})
